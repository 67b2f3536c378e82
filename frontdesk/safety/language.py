"""English or Spanish? Enough to answer in the language that a message is written in."""

from __future__ import annotations

import re

# The commonest words of the messages in data/crisis/examples that are hardly ever in those of the
# other language, without accents.
_SPANISH = """
    abuela abuelo acaba acabar acabe acabo accidente aceptan adios afuera agua aguanto ahi ahora
    al algo alguien alla alta alucinar amiga amigo amigos anda ando ano anoche anos ansiedad
    antes aqui arma asco asi atienden aunque ay ayer ayuda baja bajo bano bebe bien boca boda
    brazo brazos buena buenas bueno buenos busco cabeza cada cafe caja callate calle cama cambio
    candidato cara carro carta casa casi caso causar cayo celular chao cinco cita citas clase
    clinica cobran coche cocina comer comida como companero compre con conmigo consulta contesta
    contestando contra corazon corta cortarme corte cortes corto cosa cosas costo cree creo cual
    cuando cuantas cuanto cuarto cuatro cuchillo cuello cuenta cuento cuerpo cuesta culpa da
    dale dan dano dar de debo decir deja dejar deje dejo del dentro depresion descansar desde
    despedida despertar despierta despierto despues dia dias dice dicen dieron diez digo dije
    dijeron dijo dinero dio dios doctora dolor domingo donde dormir dosis doy duele duerme
    duermo dura durante edad efecto efectos el ella ellos en encontre enfermera enganchar
    entendiste entonces entrar entre equipo eres es esa escribi escribo escuela ese eso espalda
    espera esperando esperar espero esposa esposo esta estaba estan estar este esto estoy estuve
    extrano falta familia favor feliz fiesta fin foto fotos frio fue fuera fueron fuerte fui
    fumo funciona ganas garantizan gato gente gracias grasias gratis grupo habia habla hablar
    hablo hace hacen hacer hacerlo hacerme hago hambre hasta hermana hermano hice hija hijo
    hijos hizo hola hora horas hoy iba ideacion igual incluye infusion intente intento ir irme
    jefe jueves ketamina kiero la lado las le lei linea lista listo llamar llamo llave llaves
    llega llegar llego llegue lleva llevar lleve llevo llorando llorar llore lloro lo los luego
    lugar lunes luz madre mal manana mande mando mano manos marido marihuana martes mas mata
    matar matarme mato medico medio mejor menores menos mensaje mes mesa meses metro mi miedo
    mientras minutos mio mis misma mismo morir morirme mucha mucho muere muero muerta muerte
    muerto mujer mundo murio muy nada nadie navaja navidad necesito ni nina nino ninos noche
    noches nomas nombre nos nota novia novio nuevo nunca odio oficina ojala ojos otra otro
    paciente padre pagar pago papeles para parar pareja paro pasa pasado pasar pase paso
    pastilla pastillas paz pecho pedi pega pego pelo pena pensamientos pensando pensar pense
    peor perdi perdon pero perro persona pide pido pienso piernas piso pistola poco podria
    policia pone ponen poner pongo por porque precio precios prefiero pregunta pregunto presion
    primera primo problema pronto proposito psiquiatra pueblo puede pueden puedo puente puerta
    punto puse puso que queda quede quedo querer queria quien quiere quiero quisiera quita
    quitarme quito rapido raro rato regalo respira respirar respuesta riesgo rio ropa sabado
    sabe saber sala salgo sali salida salio salir sangre se seguir seguro seis semana semanas
    senor senora ser seria serio sesion sesiones si siempre siento sigo sigue sirve sobre sola
    solo son soy su suegra sueno suicida suicidarme suicidas suicidio suicido sus tambien tanto
    tarde tardes tarjeta te telefono tener tengo tenia terapia termine tia tiempo tiene tienen
    tio tirar tiro tngo toca toda todas todavia todo todos toma tomar tome tomo toy trabajar
    trabajo traigo tratamiento tratan tres triste tu turno tuve ultima ultimo un una unas unico
    uno usar uso usted ustedes vacaciones vamos vaya veces vecino ventana veo verdad verguenza
    vez vi viaje vida viejo viene viernes viva vivir vivo volver volvi vomitar voy vuelve vuelvo
    y ya yo
"""
_ENGLISH = """
    about after again alive all alone already always an and another answer anxiety any anymore
    anyone anything are arm arms around as ask asked asking asleep at attempt away baby back bad
    bathroom be because bed been before behind being best better between birthday bit black
    blood body book boss both bottle bought boyfriend brain breathing bridge bring broke brother
    burn but by call called came can cancel cant car card care cat check chest christmas class
    clean clinic close coffee cold comes coming cost could couldn cried cry crying cut dad dark
    date daughter day days dead death decided depressed depression did didn didnt die died
    dinner do does doesn doesnt dog doing door dose down drink drive driving during dying each
    early eat eating else empty end ending enough even ever every everybody everyone everything
    eyes family father feel feeling feels fell felt finally find fine finished first five floor
    food for forever form found four friday friend friends from front full gave get gets getting
    girl girlfriend give go god goes going gone gonna good goodbye got great group gun guy had
    haha hair half hand hands hang happens happy hard harm has hate have haven having head hear
    heart hell hello help her here herself hes hi high him himself his hit hits hold home
    honestly hope hoping hour hours house how hurt hurting hurts husband i id if ill in
    infusions into is isn it its ive job jump just keep keeps ketamine kid kids kill killed
    killing kind kitchen knife know knows last leave leaving left legs let letter lie life like
    line list little live living ll locked long longer look looking looks lose lost lot love low
    made make makes man many may mean meds might mind mine minutes miss mom monday money month
    months more morning most mother move moved moving much mum murder my myself near nearly need
    never new next nice night nine nobody not nothing now number nurse of off office old on one
    only open or other our out outside over own parents part party passed past patient patients
    pay people person phone pills place planning please point pressure purpose put question
    quiet quit rather read ready really reason remember rest right room rope run running sad
    safe said same sat saturday saw say saying says scared school season second see self send
    sent session set she shes shoot shot should show sick side since sister sit sitting six
    sleep so some somebody someone something soon sorry start started stay still stop stopped
    stuff suicidal suicide sunday sure table take takes taking talk talking teacher team tell
    telling ten text th than thank thanks that thats the their them then therapist therapy there
    theres these they thing things think thinking thinks third this those thought thoughts three
    threw through thursday till time times tired to today together told tomorrow tonight too
    took treat treatment tried try trying tuesday turn turned twice two uncle under until up us
    used very voice w wait waiting wake walk wall want wanted wanting wants was wasn watch water
    way we wedding week weekend weeks well went were what when where which while who whole why
    wife will wish with without won wont work works world worse worth would wouldn write wrong
    wrote year years yes yesterday you your
"""
_SPANISH_WORDS, _ENGLISH_WORDS = (frozenset(words.split()) for words in (_SPANISH, _ENGLISH))
_SPANISH_SIGNS = re.compile(r"[ñ¿¡áéíóú]", re.IGNORECASE)
_ACCENTS = str.maketrans("áéíóú", "aeiou")
_ENOUGH = 4000  # characters


def spoken_in(text: str) -> str | None:
    """ "es" or "en", whichever has more words and signs in ``text``; None where neither has."""
    beginning = text[:_ENOUGH].lower()
    words = re.findall(r"[^\W\d_]+", beginning.translate(_ACCENTS))
    spanish = sum(word in _SPANISH_WORDS for word in words)
    spanish += bool(_SPANISH_SIGNS.search(beginning))
    english = sum(word in _ENGLISH_WORDS for word in words)
    if spanish == english:
        return None
    return "es" if spanish > english else "en"


def language_of(text: str) -> str:
    """The language of ``text``, English where that cannot be told."""
    return spoken_in(text) or "en"
