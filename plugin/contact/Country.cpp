#include <algorithm>
#include <array>

#include "plugin/contact/PostalAddress.h"
#include "plugin/contact/Text.h"

namespace souffleur::contact {
namespace {

struct Country {
    std::string_view code;
    std::string_view names; ///< lower case, separated by '|', with the codes people use
};

// The countries a European house writes to, as its exports name them (nl ca es ru en de fr and the
// land itself).
constexpr Country kCountries[] = {
    {"NL", "nl|nld|nederland|netherlands|the netherlands|holland|països baixos|paises bajos|países "
           "bajos|нидерланды|"
           "голландия|niederlande|pays-bas"},
    {"BE", "be|bel|b|belgië|belgie|belgium|belgique|belgien|bèlgica|bélgica|belgica|бельгия"},
    {"DE", "de|deu|ger|d|duitsland|germany|deutschland|allemagne|alemania|alemanya|германия"},
    {"ES", "es|esp|e|spanje|spain|españa|espana|espagne|spanien|espanya|испания"},
    {"FR", "fr|fra|f|frankrijk|france|frankreich|francia|frança|франция"},
    {"GB", "gb|gbr|uk|united kingdom|great britain|england|scotland|wales|northern "
           "ireland|verenigd koninkrijk|"
           "groot-brittannië|engeland|reino unido|regne "
           "unit|royaume-uni|großbritannien|vereinigtes königreich|"
           "великобритания"},
    {"RU", "ru|rus|rusland|russia|russian federation|россия|рф|российская "
           "федерация|rusia|rússia|russie|russland"},
    {"AT", "at|aut|a|oostenrijk|austria|österreich|autriche|àustria|австрия"},
    {"CH", "ch|che|zwitserland|switzerland|schweiz|suisse|svizzera|suiza|suïssa|швейцария"},
    {"LU", "lu|lux|l|luxemburg|luxembourg|luxemburgo|люксембург"},
    {"IT", "it|ita|i|italië|italie|italy|italia|italien|itàlia|италия"},
    {"PT", "pt|prt|p|portugal|португалия"},
    {"IE", "ie|irl|ierland|ireland|irland|irlande|irlanda|éire|ирландия"},
    {"DK", "dk|dnk|denemarken|denmark|danmark|dänemark|danemark|dinamarca|дания"},
    {"SE", "se|swe|zweden|sweden|sverige|schweden|suède|suecia|suècia|швеция"},
    {"NO", "no|nor|noorwegen|norway|norge|norwegen|norvège|noruega|норвегия"},
    {"FI", "fi|fin|finland|suomi|finnland|finlande|finlandia|finlàndia|финляндия"},
    {"PL", "pl|pol|polen|poland|polska|pologne|polonia|polònia|польша"},
    {"CZ",
     "cz|cze|tsjechië|czechia|czech republic|česko|tschechien|tchéquie|chequia|txèquia|чехия"},
    {"GR", "gr|grc|griekenland|greece|ελλάδα|griechenland|grèce|grecia|grècia|греция"},
    {"UA", "ua|ukr|oekraïne|ukraine|україна|украина|ucrania|ucraïna"},
    {"AD", "ad|and|andorra|andorre|андорра"},
    {"US", "us|usa|united states|verenigde staten|estados unidos|estats units|сша|vereinigte "
           "staaten|états-unis"},
};

bool named(std::string_view names, std::string_view name) noexcept {
    while (!names.empty()) {
        const std::size_t end = names.find('|');
        if (names.substr(0, end) == name) return true;
        if (end == std::string_view::npos) return false;
        names.remove_prefix(end + 1);
    }
    return false;
}

} // namespace

std::string countryCode(std::string_view text) {
    if (text.size() > 64) return {};
    std::string name = lowerCase(cleanLine(text));
    while (!name.empty() && name.back() == '.') name.pop_back();
    for (const Country& country : kCountries) {
        if (named(country.names, name)) return std::string(country.code);
    }
    return {};
}

} // namespace souffleur::contact
