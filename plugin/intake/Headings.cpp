// The usual headings of ticketing exports in seven languages.
#include <algorithm>
#include <array>
#include <set>

#include "plugin/contact/Folder.h"
#include "plugin/intake/Mapping.h"

namespace souffleur::intake {
namespace {

struct Known {
    Field field;
    std::string_view headings; ///< separated by '|', compared folded
};

constexpr Known kKnown[] = {
    {Field::id, "klantnummer|klantnr|klant id|relatienummer|relatie id|debiteurnummer|customer "
                "number|customer no|customer id|"
                "customer|client id|contact id|person id|id|kundennummer|kunden id|numéro "
                "client|n° client|id client|"
                "número de cliente|n cliente|id cliente|número de client|núm client|номер "
                "клиента|код клиента|ид клиента"},
    {Field::title,
     "aanhef|titel|title|salutation|anrede|civilité|tratamiento|tractament|обращение"},
    {Field::initials, "voorletters|initialen|initials|initiales|iniciales|inicials|инициалы"},
    {Field::given, "voornaam|voornamen|roepnaam|first name|firstname|given "
                   "name|forename|vorname|prénom|nombre|имя"},
    {Field::patronymic,
     "отчество|patronymic|patroniem|vatersname|patronyme|patronímico|patronímic"},
    {Field::particle,
     "tussenvoegsel|tussenvoegsels|tussenv|tv|voorvoegsel|infix|particle|namenszusatz|particule"},
    {Field::family,
     "achternaam|familienaam|last name|lastname|surname|family name|nachname|familienname|nom de "
     "famille|"
     "apellidos|apellido|primer apellido|apellido 1|cognoms|cognom|primer cognom|cognom 1|фамилия"},
    {Field::secondFamily, "segundo apellido|apellido 2|segon cognom|cognom 2|second surname"},
    {Field::fullName,
     "naam|klantnaam|volledige naam|contactpersoon|name|full name|customer name|nombre completo|"
     "nombre y apellidos|nom complet|nom i cognoms|nom|vollständiger name|kunde|фио|полное имя"},
    {Field::language, "taal|taalcode|voertaal|language|lang|idioma|llengua|sprache|langue|язык"},
    {Field::email, "e-mail|email|e-mailadres|emailadres|mailadres|mail|e-mail address|email "
                   "address|e-mail-adresse|"
                   "correo|correo electrónico|correu|correu electrònic|courriel|adresse "
                   "e-mail|adresse mail|эл почта|"
                   "электронная почта|адрес эл почты|email 2|e-mail 2"},
    {Field::phone, "telefoon|telefoonnummer|telefoonnr|tel|mobiel|mobiele telefoon|mobiel "
                   "nummer|gsm|vaste telefoon|phone|"
                   "phone number|telephone|mobile|mobile "
                   "phone|cell|telefon|telefonnummer|mobil|handy|teléfono|móvil|"
                   "telèfon|mòbil|téléphone|portable|mobile|телефон|мобильный|мобильный "
                   "телефон|telefoon 2|phone 2"},
    {Field::street, "straat|straatnaam|adres|adresregel 1|address|address 1|address line "
                    "1|street|straße|adresse|anschrift|"
                    "calle|dirección|domicilio|carrer|adreça|rue|улица|адрес"},
    {Field::houseNumber,
     "huisnummer|huisnr|house number|hausnummer|número de casa|numéro de rue|дом|номер дома"},
    {Field::line2, "adresregel 2|address 2|address line 2|toevoeging|complément|adresszusatz|piso"},
    {Field::postalCode,
     "postcode|postal code|post code|zip|zip code|plz|postleitzahl|código postal|codi postal|cp|"
     "code postal|индекс|почтовый индекс"},
    {Field::city, "plaats|woonplaats|stad|city|town|ort|stadt|wohnort|ciudad|población|localidad|"
                  "ciutat|població|ville|"
                  "commune|localité|город"},
    {Field::country, "land|country|país|pays|страна"},
    {Field::emailBounced,
     "bounced|bounce|e-mail bounced|email bounce|hard bounce|onbestelbaar|e-mail onbestelbaar|"
     "unzustellbar|rebotado|retornat|недоставлено"},
    {Field::restricted, "restricted|processing restricted|verwerking "
                        "beperkt|beperkt|eingeschränkt|limitado|restringit|"
                        "ограничено"},
    {Field::orderId,
     "ordernummer|order id|order number|order|bestelnummer|bestelling|bestellnummer|transactie|"
     "número de pedido|pedido|comanda|commande|numéro de commande|номер заказа|заказ"},
    {Field::orderDate,
     "orderdatum|order date|besteldatum|aankoopdatum|datum aankoop|purchase "
     "date|bestelldatum|kaufdatum|"
     "fecha de pedido|fecha de compra|data de compra|date de commande|date d'achat|дата заказа"},
    {Field::orderEvent,
     "voorstelling|evenement|event|performance|show|productie|production|veranstaltung|vorstellung|"
     "evento|espectáculo|espectacle|spectacle|représentation|мероприятие|спектакль"},
    {Field::orderGenre, "genre|categorie|category|kategorie|género|gènere|жанр"},
    {Field::orderAmount,
     "bedrag|totaalbedrag|orderbedrag|amount|total|order total|betrag|summe|importe|import|montant|"
     "сумма"},
};

struct PermissionWord {
    std::string_view words; ///< separated by '|'; the heading holds one of them
    std::string_view purpose;
    std::string_view channel;
};

// The first that fits. Channels before purposes: "nieuwsbrief sms" is a text message. Purposes are
// those of the standard packs: an answer to a purpose that no pack has would say nothing.
constexpr PermissionWord kPermissions[] = {
    {"aanbiedingen e-mail|personal offers e-mail|angebote e-mail", "personal-offers", "email"},
    {"aanbiedingen post|personal offers post|angebote post", "personal-offers", "post"},
    {"aanbiedingen telefoon|personal offers phone|angebote telefon|mag bellen|telefonisch "
     "benaderen|call permission|telefonwerbung",
     "personal-offers", "phone"},
    {"sms|смс", "last-minute", "sms"},
    {"whatsapp", "last-minute", "messaging"},
    {"brochure|per post|magazine|programmheft|prospekt|folleto|fullet|catàleg|каталог|буклет",
     "brochure", "post"},
    {"nieuwsbrief|newsletter|mailing|boletín|butlletí|lettre "
     "d'information|infolettre|рассылка|рассылку|email opt in|"
     "e-mail opt-in|optin|opt in|mag mailen|marketing email|marketing",
     "newsletter", "email"},
};

constexpr std::string_view kObjectionWords =
    "niet benaderen|geen contact|do not contact|nicht kontaktieren|no contactar|ne pas "
    "contacter|не беспокоить|werbesperre|"
    "no molestar";
constexpr std::string_view kOptOutWords =
    "uitgeschreven|afgemeld|opt "
    "out|optout|unsubscribed|abgemeldet|baja|baixa|désinscrit|отписан|отписался";
constexpr std::string_view kDateWords =
    "datum|date|data|fecha|дата|sinds|since|seit|desde|des de|depuis|op|on|am";
constexpr std::string_view kConfirmedWords =
    "bevestigd|confirmed|double opt-in|doi|bestätigt|confirmado|confirmat|confirmé|подтверждено";

std::vector<std::string> foldedList(contact::Folder& folder, std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find('|'), list.size());
        out.push_back(folder.fold(list.substr(0, end)));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

/// The words of `list` stand in `folded` as whole words.
bool holdsOne(std::string_view folded, const std::vector<std::string>& list) {
    const std::string padded = " " + std::string(folded) + " ";
    return std::any_of(list.begin(), list.end(), [&](const std::string& word) {
        return padded.find(" " + word + " ") != std::string::npos;
    });
}

class Guess {
public:
    explicit Guess(const std::vector<std::string>& headings) : _headings(headings) {
        for (const std::string& heading : headings) _folded.push_back(_folder.fold(heading));
    }

    Mapping mapping() {
        Mapping out;
        out.table = {};
        for (std::size_t i = 0; i < _headings.size(); ++i) {
            if (_folded[i].empty() || companionOf(i, dates()) || companionOf(i, confirmed()))
                continue;
            ColumnMapping column = permission(i);
            if (column.field == Field::ignore) column.field = known(i);
            if (column.field != Field::ignore && take(column.field))
                out.columns.push_back(std::move(column));
        }
        return out;
    }

private:
    /// One column each, but for those that may come twice.
    bool take(Field field) {
        const bool many =
            field == Field::email || field == Field::phone || field == Field::permission;
        return _taken.insert(field).second || many;
    }

    bool has(std::string_view list) {
        const std::vector<std::string> words = foldedList(_folder, list);
        return std::any_of(_folded.begin(), _folded.end(), [&](const std::string& heading) {
            return std::find(words.begin(), words.end(), heading) != words.end();
        });
    }

    Field known(std::size_t i) {
        // "Nom" is the family name in France, the given name in Catalonia; "Name" the family name
        // beside "Vorname".
        const std::string& folded = _folded[i];
        if (folded == "nom" || folded == "name" || folded == "naam") {
            if (has("prénom|vorname|first name|voornaam|voorletters")) return Field::family;
            if (has("cognom|cognoms|primer cognom|surname|last name")) return Field::given;
        }
        for (const Known& row : kKnown) {
            const std::vector<std::string> words = foldedList(_folder, row.headings);
            if (std::find(words.begin(), words.end(), folded) != words.end()) return row.field;
        }
        return Field::ignore;
    }

    ColumnMapping permission(std::size_t i) {
        ColumnMapping out{.heading = _headings[i]};
        const bool optOut = holdsOne(_folded[i], foldedList(_folder, kOptOutWords));
        if (holdsOne(_folded[i], foldedList(_folder, kObjectionWords))) {
            out.meaning = Meaning::objection;
            out.purpose = out.channel = "*";
        }
        for (const PermissionWord& row : kPermissions) {
            if (out.purpose.empty() && holdsOne(_folded[i], foldedList(_folder, row.words))) {
                out.purpose = row.purpose;
                out.channel = row.channel;
            }
        }
        if (out.purpose.empty() && optOut) out.purpose = out.channel = "*";
        if (out.purpose.empty()) return out;
        out.field = Field::permission;
        if (optOut && out.meaning == Meaning::answer) out.meaning = Meaning::optOut;
        out.dateHeading = companion(i, dates());
        out.confirmedHeading = companion(i, confirmed());
        return out;
    }

    std::vector<std::string> dates() { return foldedList(_folder, kDateWords); }
    std::vector<std::string> confirmed() { return foldedList(_folder, kConfirmedWords); }

    /// "Nieuwsbrief datum" or "Datum nieuwsbrief" beside "Nieuwsbrief".
    bool isCompanion(std::size_t i, std::size_t base, const std::vector<std::string>& words) const {
        if (i == base || _folded[base].empty()) return false;
        return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
            return _folded[i] == _folded[base] + " " + word ||
                   _folded[i] == word + " " + _folded[base];
        });
    }

    bool companionOf(std::size_t i, const std::vector<std::string>& words) const {
        for (std::size_t base = 0; base < _folded.size(); ++base) {
            if (isCompanion(i, base, words)) return true;
        }
        return false;
    }

    std::string companion(std::size_t base, const std::vector<std::string>& words) const {
        for (std::size_t i = 0; i < _folded.size(); ++i) {
            if (isCompanion(i, base, words)) return _headings[i];
        }
        return {};
    }

    const std::vector<std::string>& _headings;
    contact::Folder _folder;
    std::vector<std::string> _folded;
    std::set<Field> _taken;
};

} // namespace

Result<Mapping> Mapping::guess(const std::vector<std::string>& headings) {
    Mapping out = Guess(headings).mapping();
    const bool person =
        std::any_of(out.columns.begin(), out.columns.end(), [](const ColumnMapping& column) {
            return column.field == Field::family || column.field == Field::fullName ||
                   column.field == Field::email || column.field == Field::phone;
        });
    if (!person)
        return fail(Code::invalid,
                    "no heading names a person, an e-mail address or a telephone number; write a "
                    "mapping file",
                    "line 1");
    return out;
}

} // namespace souffleur::intake
