#include "sync/mail/Words.h"

namespace souffleur::mail {

const std::array<Words, 7> kWords{
    Words{"en", "{house}: please confirm your answer", "{house}: your answer",
          "This e-mail address was given to {house}, and this was agreed with it:", "Date: ",
          "Place: ", "Agreed:",
          "Nothing is sent to you before you confirm it. Was it you, or somebody else? Say so on "
          "this page:",
          "It counts from now on. Was it not you? Say so on this page, and nothing more will come:",
          "If you do nothing, you will not hear from us again.",
          "If it was you, there is nothing to do.", "The page can be used until {date}.",
          "You get this one message because this address was given to us. It does not advertise "
          "anything, and nobody is told whether you read it.",
          "How we treat your data: "},
    Words{"nl", "{house}: bevestig uw antwoord", "{house}: uw antwoord",
          "Dit e-mailadres is aan {house} gegeven, en daarbij is dit afgesproken:", "Datum: ",
          "Plaats: ", "Afgesproken:",
          "Er wordt niets gestuurd voordat u het bevestigt. Was u het, of iemand anders? Zeg het "
          "op deze pagina:",
          "Het geldt vanaf nu. Was u het niet? Zeg het op deze pagina, dan komt er niets meer:",
          "Als u niets doet, hoort u niets meer van ons.",
          "Was u het wel, dan hoeft u niets te doen.", "De pagina werkt tot en met {date}.",
          "U krijgt dit ene bericht omdat dit adres aan ons is gegeven. Het is geen reclame, en "
          "niemand ziet of u het leest.",
          "Hoe wij met uw gegevens omgaan: "},
    Words{"ca", "{house}: confirmeu la vostra resposta", "{house}: la vostra resposta",
          "S’ha donat aquesta adreça electrònica a {house}, i s’hi ha acordat això:", "Data: ",
          "Lloc: ", "Acordat:",
          "No s’enviarà res fins que ho confirmeu. Heu estat vós, o algú altre? Digueu-ho en "
          "aquesta pàgina:",
          "És vàlid des d’ara. No heu estat vós? Digueu-ho en aquesta pàgina i no rebreu res més:",
          "Si no feu res, no rebreu res més de nosaltres.", "Si heu estat vós, no cal fer res.",
          "La pàgina es pot fer servir fins al {date}.",
          "Rebeu aquest únic missatge perquè se’ns ha donat aquesta adreça. No conté publicitat, i "
          "ningú no sap si l’heu llegit.",
          "Com tractem les vostres dades: "},
    Words{"es", "{house}: confirme su respuesta", "{house}: su respuesta",
          "Se ha dado esta dirección de correo a {house}, y se ha acordado lo siguiente:",
          "Fecha: ", "Lugar: ", "Acordado:",
          "No se enviará nada hasta que usted lo confirme. ¿Fue usted u otra persona? Dígalo en "
          "esta página:",
          "Es válido desde ahora. ¿No fue usted? Dígalo en esta página y no recibirá nada más:",
          "Si no hace nada, no volverá a saber de nosotros.",
          "Si fue usted, no tiene que hacer nada.", "La página se puede usar hasta el {date}.",
          "Recibe este único mensaje porque se nos ha dado esta dirección. No contiene publicidad, "
          "y nadie sabe si lo ha leído.",
          "Cómo tratamos sus datos: "},
    Words{
        "ru", "{house}: подтвердите ваш ответ", "{house}: ваш ответ",
        "Этот адрес электронной почты был сообщён: {house}. При этом было дано согласие:", "Дата: ",
        "Место: ", "Согласие:",
        "Пока вы не подтвердите, вам ничего не пришлют. Это были вы или кто-то другой? Скажите об "
        "этом на странице:",
        "Согласие уже действует. Это были не вы? Скажите об этом на странице, и больше ничего не "
        "придёт:",
        "Если вы ничего не сделаете, мы вам больше не напишем.",
        "Если это были вы, делать ничего не нужно.", "Страница работает до {date}.",
        "Вы получили это единственное сообщение, потому что нам сообщили этот адрес. В нём нет "
        "рекламы, и никто не узнает, прочли ли вы его.",
        "Как мы обращаемся с вашими данными: "},
    Words{"de", "{house}: bitte bestätigen Sie Ihre Antwort", "{house}: Ihre Antwort",
          "Diese E-Mail-Adresse wurde angegeben bei {house}, und dabei wurde Folgendes vereinbart:",
          "Datum: ", "Ort: ", "Vereinbart:",
          "Es wird nichts gesendet, bevor Sie es bestätigen. Waren Sie das oder jemand anderes? "
          "Sagen Sie es auf dieser Seite:",
          "Es gilt ab jetzt. Waren Sie das nicht? Sagen Sie es auf dieser Seite, dann kommt nichts "
          "mehr:",
          "Wenn Sie nichts tun, hören Sie nicht mehr von uns.",
          "Wenn Sie es waren, brauchen Sie nichts zu tun.", "Die Seite gilt bis zum {date}.",
          "Sie erhalten diese eine Nachricht, weil uns diese Adresse genannt wurde. Sie enthält "
          "keine Werbung, und niemand erfährt, ob Sie sie gelesen haben.",
          "Wie wir mit Ihren Daten umgehen: "},
    Words{"fr", "{house} : confirmez votre réponse", "{house} : votre réponse",
          "Cette adresse e-mail a été donnée à {house}, et voici ce qui a été convenu :", "Date : ",
          "Lieu : ", "Convenu :",
          "Rien ne vous sera envoyé avant que vous le confirmiez. Était-ce vous, ou quelqu’un "
          "d’autre ? Dites-le sur cette page :",
          "C’est valable dès maintenant. Ce n’était pas vous ? Dites-le sur cette page, et plus "
          "rien ne viendra :",
          "Si vous ne faites rien, vous n’aurez plus de nouvelles de nous.",
          "Si c’était vous, il n’y a rien à faire.", "La page peut servir jusqu’au {date}.",
          "Vous recevez ce seul message parce que cette adresse nous a été donnée. Il ne contient "
          "aucune publicité, et personne ne sait si vous l’avez lu.",
          "Comment nous traitons vos données : "},
};

} // namespace souffleur::mail
