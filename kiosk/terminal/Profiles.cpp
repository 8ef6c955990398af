#include "kiosk/terminal/Profiles.h"

#include "drivers/printer/ProfileFile.h"

namespace souffleur::terminal {

std::string_view file(std::string_view name); // made by embed_sql
std::string_view fileNames();

Result<std::vector<printer::Model>> printerModels() {
    std::vector<printer::Model> models;
    std::string_view names = fileNames();
    while (!names.empty()) {
        const std::string name(names.substr(0, names.find('\n')));
        names.remove_prefix(name.size() + 1);
        auto model = printer::parseModel(std::string(file(name)), name);
        if (!model) return fail(Code::invalid, model.error().text());
        models.push_back(*std::move(model));
    }
    return models;
}

} // namespace souffleur::terminal
