#include "kiosk/terminal/FlagWords.h"

#include <algorithm>
#include <array>

namespace souffleur::terminal {
namespace {

constexpr std::array<std::string_view, 7> kLanguages{"en", "nl", "ca", "es", "ru", "de", "fr"};
constexpr std::size_t kKinds = static_cast<std::size_t>(consent::FlagKind::unknown) + 1;

struct Row {
    std::string_view icon;
    std::array<std::string_view, kLanguages.size()> words;
};

// In the order of FlagKind.
constexpr std::array<Row, kKinds> kRows{{
    {"question",
     {"Never asked", "Nooit gevraagd", "No s'ha preguntat mai", "Nunca se ha preguntado",
      "Ещё не спрашивали", "Noch nie gefragt", "Jamais demandé"}},
    {"refresh",
     {"Ask again", "Opnieuw vragen", "Torneu a preguntar", "Pregunte de nuevo", "Спросите снова",
      "Erneut fragen", "À redemander"}},
    {"mail",
     {"Waiting for confirmation", "Wacht op bevestiging", "Pendent de confirmació",
      "Pendiente de confirmación", "Ждёт подтверждения", "Wartet auf Bestätigung",
      "En attente de confirmation"}},
    {"partial",
     {"Partly answered", "Deels gevraagd", "Respost en part", "Respondido en parte",
      "Ответил не на всё", "Teilweise gefragt", "Répondu en partie"}},
    {"check",
     {"May be written to", "Mag worden aangeschreven", "Se li pot escriure", "Se le puede escribir",
      "Можно писать", "Darf angeschrieben werden", "Peut être contacté"}},
    {"ticket",
     {"Existing customer", "Bestaande klant", "Client existent", "Cliente existente",
      "Наш покупатель", "Bestandskunde", "Client existant"}},
    {"archive",
     {"Old permission", "Oude toestemming", "Permís antic", "Permiso antiguo", "Старое согласие",
      "Alte Einwilligung", "Ancien accord"}},
    {"pause",
     {"Said no, not now", "Zei nee, nu niet", "Va dir que no", "Dijo que no",
      "Отказался, не сейчас", "Hat abgelehnt", "A refusé"}},
    {"stop",
     {"Wants nothing", "Wil niets", "No vol res", "No quiere nada", "Просил не писать",
      "Möchte nichts", "Ne veut rien"}},
    {"address",
     {"Said yes, no address", "Zei ja, geen adres", "Va dir que sí, sense adreça",
      "Dijo que sí, sin dirección", "Согласен, нет адреса", "Ja gesagt, keine Adresse",
      "A dit oui, sans adresse"}},
    {"bounced",
     {"Address does not work", "Adres werkt niet", "L'adreça no funciona",
      "La dirección no funciona", "Адрес не работает", "Adresse funktioniert nicht",
      "L'adresse ne fonctionne pas"}},
    {"lock",
     {"Do not ask", "Niet vragen", "No pregunteu", "No pregunte", "Не спрашивать", "Nicht fragen",
      "Ne pas demander"}},
    {"unknown",
     {"Not on file", "Niet bekend", "No consta", "No consta", "Нет данных", "Nicht bekannt",
      "Inconnu"}},
}};

} // namespace

std::string flagWords(consent::FlagKind kind, std::string_view language) {
    const auto found = std::find(kLanguages.begin(), kLanguages.end(), language.substr(0, 2));
    const auto column =
        found == kLanguages.end() ? 0 : static_cast<std::size_t>(found - kLanguages.begin());
    return std::string(kRows[static_cast<std::size_t>(kind)].words[column]);
}

std::string_view flagIcon(consent::FlagKind kind) noexcept {
    return kRows[static_cast<std::size_t>(kind)].icon;
}

} // namespace souffleur::terminal
