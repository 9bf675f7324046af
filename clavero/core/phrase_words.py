"""Spanish words that are short, known to everybody and typed without accents: what offered keys are made of.

Own list. Four of them, each drawn evenly, carry 4 × log2(len(WORDS)) bits.
"""

WORDS: tuple[str, ...] = tuple(
    """
abanico abeja abono abrigo aceite acero aldea alegre alero alfiler alga algodon alhaja
aljibe almendra almohada alondra alto altura amable amarillo ambar amigo ancho ancla
andamio andino anillo antena anzuelo apio arado arbol arcilla arco arena armario aroma
arpa arroyo arroz arte asado asiento astro atajo atlas atun aurora avena avion azafran
azahar azucar azul bahia baile balanza balcon balde ballena balon balsa banco bandeja
barca barco barniz barrio barro base bastidor batea baul bebida bello berro bicicleta
bisagra blanco bloque blusa boceto bodega bolsa bombilla bondad borde bosque bota
botella boton brasa bravo brazo brillo brisa brocha broche bronce brote brujula bueno
bufanda buho burbuja buzon caballo cabra cacao cadena cafe caja cajon calabaza
calandria calcio caldo calle calma camino camisa campana campo canal canasta candado
canela canoa cantaro canto capa capitan caracol carbon cardo carpa carpeta carreta
carta cartel casa cascada castillo catalogo caudal cebada cebolla cedro ceibo celeste
centeno cepillo cerca cereal cereza cerro cesped cesto charango choclo chocolate cielo
ciervo cima cinta ciruela ciudad clarin claro clavel clima cobre cocina codo cofre
coleccion colibri colina collar color columna comedor cometa comida condor conejo copa
coral corazon corcho cordel cordero corona corral correo cortina cosecha costa costura
crater cresta cristal crucero cuaderno cuadro cuarzo cuchara cuenca cuento cuerda cuero
cueva cumbre cuna danza decena dedal delfin delgado deporte desayuno desierto diamante
diario dibujo diente disco dulce durazno eclipse edificio elefante encaje encina enero
ensalada entrada equipo escala escalera escoba escuela esfera esmeralda espejo espiga
espuma esquina estadio estambre estante estepa estrella estribo estuche faena faja
familia faro farol feria festivo fibra fiesta figura filo fino flamenco flauta flecha
flor florero fogata folio forma fragua franja frasco fresa fresco frijol fruta fuego
fuente futbol gaceta galeria galleta gallina ganso garbanzo garza gato gaviota gemelo
generoso geranio girasol globo golondrina goma gorra gota grada granja grano grillo
gris grueso guante guayaba guinda guion guitarra haba habil hacha halcon hamaca harina
hebra helado helecho heno herrero hielo hierba hierro higo hilo hogar hoja hombro honda
hormiga horno hotel huerta humo idea iglesia iguana imagen iman invierno isla jabon
jacinto jaguar jalea jardin jarra jazmin jinete joven joya juego juguete julio jungla
junio laberinto ladera ladrillo lago laguna lampara lana lancha lapiz largo laurel lava
lazo leche lechuga lectura lejano lengua lenteja leon leve libro licuado lienzo ligero
lima limon limpio lince linterna liso llama llano llave lluvia lobo loma lona loro
lucero luciernaga lugar luna lunes maceta madera madrugada maiz maleta malla malva
mandarina manga mango mani manta mantel manzana mapa maquina maraca marco marea margen
mariposa marmol martes martillo marzo mascara mate mayo medalla medida mejilla melodia
melon menta mercado mesa meseta metal metro miel mina mirador mirlo mochila molde
molino moneda mora morado mosaico motor mueble muelle museo musgo musica nabo naranja
nardo nave neblina nectar nevado nido niebla nieve noble noche nogal nopal norte nota
novela nube nudo nuez oasis oceano ocre octubre odisea oficio ojal oleaje olivo olla
onda opalo orbita oregano orilla orquesta orquidea ortiga ostra oveja paciencia paisaje
pajaro pala palma paloma pampa panal pandero panera papaya papel paquete parque parra
paseo pasillo pasto patio pato pausa pavo pedal peine pelota peonza pepino pera perla
pesca petalo piano pico piedra pilar pimienta pincel pino pista pizarra planeta plano
planta plata platano plato playa plaza pluma pocillo poema polea pollo polvo poncho
portal pozo pradera prado primavera prisma proa pueblo puente puerta puerto pulpo pulso
puma punto pupitre queso quinoa rabano radio raiz rama ramo rana rancho raqueta rastro
raya receta recreo recta regalo reja relato reloj remanso remo renglon resorte retrato
ribera riego rima rizo roble roca rocio rodeo rojo romero ronda ropa rosa rueda rumbo
ruta sabana sabio sabor salon salto salvia sandalia sandia saten sauce seda sedoso
semilla sendero sereno serpiente sierra siesta silbato silla silueta simple sirena
sobre sofa solar sombra sombrero sonido sopa sotano suave suelo surco tabla tablero
taller talon tambor tapiz tarde tarea tarjeta taza teatro techo tecla tejado tejido
tela telar telefono templo tenedor tenis terraza tesoro tetera tibio tierra tigre
tijera timon tinta tiza toalla tobillo tomate tomillo tordo torno torre tortuga trama
tranquilo tranvia trebol tren trigo trineo trompo tronco trucha tucan tulipan tunel
turquesa vagon vainilla valle vapor vara vaso vecino vela velero venado ventana verano
verde vereda vestido viaje vidrio viento viernes violeta violin visita viva volcan
vuelo yate yegua yema yerba yeso yoga yuca zafiro zapato zarza zorro zumo
""".split()
)
