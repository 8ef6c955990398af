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

Result<printer::Model> printerModel(const std::string& id) {
    const std::string_view text = file(id + ".toml");
    if (text.empty()) return fail(Code::notFound, "no printer profile of this name: " + id);
    auto model = printer::parseModel(std::string(text), id + ".toml");
    if (!model) return fail(Code::invalid, model.error().text());
    if (!model->refusal.empty()) return fail(Code::invalid, model->refusal, id);
    return *std::move(model);
}

Result<escpos::Profile> printerProfile(const std::string& id) {
    auto model = printerModel(id);
    if (!model) return passOn(model);
    return std::move(model->profile);
}

} // namespace souffleur::terminal
