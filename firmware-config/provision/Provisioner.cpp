#include "firmware-config/provision/Provisioner.h"

#include <nlohmann/json.hpp>

#include "firmware-config/provision/Session.h"

namespace souffleur::provision {
namespace {

/// `key=value&key=value`.
std::map<std::string, std::string> queryOf(std::string text) {
    std::map<std::string, std::string> query;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto pair = text.substr(0, end);
        const auto equals = pair.find('=');
        if (equals != std::string::npos) query[pair.substr(0, equals)] = pair.substr(equals + 1);
        text = end == std::string::npos ? std::string() : text.substr(end + 1);
    }
    return query;
}

/// The address without what a printer changes by itself: a serial line's speed.
std::string door(const std::string& address) {
    return address.starts_with("serial:") ? address.substr(0, address.find('?')) : address;
}

const char* parityWord(const std::string& digits) {
    if (digits == "1") return "odd";
    return digits == "2" ? "even" : "none";
}

} // namespace

Provisioner::Provisioner(std::vector<printer::Model> models, std::string address, Connect connect,
                         Clock clock, Options options)
    : _models(std::move(models)), _address(std::move(address)), _connect(std::move(connect)),
      _clock(std::move(clock)), _options(std::move(options)) {}

Provisioner::~Provisioner() = default;

Result<std::unique_ptr<Provisioner::Session>> Provisioner::connect(bool writing) {
    if (_address.starts_with("file:")) {
        return fail(Fault::settings,
                    "a file or a device node takes bytes and gives no answer, and settings must "
                    "be read before they are written: name the printer by usb://, tcp:// or "
                    "serial://");
    }
    auto line = _connect(_address);
    if (!line) return fail(Fault::line, line.error().message);
    auto talk = std::make_unique<Conversation>(*std::move(line), _options.timing);
    if (auto opened = talk->open(); !opened) return passOn(opened);
    auto session = std::make_unique<Session>(*this, std::move(talk));
    // What was interrupted at this address was this printer. Journals of others are of no concern,
    // unless it answers nothing: then it may be one of those, on another cable.
    auto [own, others] = openJournalsAt(writing);
    if (!own.empty()) {
        if (auto recovered = session->recover(own); !recovered) return passOn(recovered);
    }
    // What another program is at work on stands on another cable.
    std::erase_if(others, [this](const Journal& journal) {
        const auto held = Shelf::hold(_options.folder, journal);
        return !held && held.error().fault == Fault::line;
    });
    bool tried = false;
    auto known = session->identify();
    if (!known && known.error().fault == Fault::silent && own.empty() && !others.empty()) {
        if (auto recovered = session->recover(others); !recovered) return passOn(recovered);
        tried = true;
        known = session->identify();
    }
    if (!known) return passOn(known);
    // It was moved and says who it is: then its own.
    const auto& serial = session->identity().serial;
    if (own.empty() && !tried && !others.empty() && !serial.empty()) {
        const auto journal = Shelf::look(_options.folder, serial).journal();
        if (journal && *journal) {
            if (auto done = session->recover({**journal}); !done) return passOn(done);
        }
    }
    return session;
}

Provisioner::Open Provisioner::openJournalsAt(bool writing) const {
    Open open;
    if (!writing) return open;
    for (auto& journal : openJournals(_options.folder)) {
        const bool here = journal.address.empty() || door(journal.address) == door(_address);
        (here ? open.own : open.others).push_back(std::move(journal));
    }
    return open;
}

Result<Report> Provisioner::plan(const Settings& settings) {
    auto session = connect(false);
    if (!session) return passOn(session);
    if (auto fits = (*session)->expect(settings.target.model); !fits) return passOn(fits);
    if (auto looked = (*session)->look(); !looked) return passOn(looked);
    return (*session)->bring(settings.target, false, {});
}

Result<Report> Provisioner::apply(const Settings& settings) {
    auto session = connect(true);
    if (!session) return passOn(session);
    if (auto fits = (*session)->expect(settings.target.model); !fits) return passOn(fits);
    if (auto held = (*session)->hold(); !held) return passOn(held);
    return (*session)->bring(settings.target, true, {});
}

Result<Report> Provisioner::backup(const std::string& model) {
    auto session = connect(false);
    if (!session) return passOn(session);
    auto fits = model.empty() ? (*session)->recogniseModel() : (*session)->expect(model);
    if (!fits) return passOn(fits);
    if (auto held = (*session)->hold(); !held) return passOn(held);
    return (*session)->saveBackup();
}

Result<Report> Provisioner::restore(const std::filesystem::path& file) {
    const auto backup = readBackup(file);
    if (!backup) return passOn(backup);
    auto session = connect(true);
    if (!session) return passOn(session);
    if ((*session)->identity().serial != backup->identity.serial) {
        return fail(Fault::wrongModel, file.string() + " is from the printer with serial number " +
                                           backup->identity.serial + "; this one has " +
                                           (*session)->identity().serial);
    }
    if (auto fits = (*session)->expect(backup->model); !fits) return passOn(fits);
    if (auto held = (*session)->hold(); !held) return passOn(held);
    return (*session)->bring(targetOf(*backup), true, file);
}

std::string reportText(const Report& report, bool written) {
    std::string out = report.device + ": " + report.printer.maker + " " + report.printer.name +
                      ", serial number " +
                      (report.printer.serial.empty() ? "not told" : report.printer.serial) + " (" +
                      report.model + ")\n";
    if (report.interrupted) {
        out += written ? "  an interrupted apply was finished\n"
                       : "  an apply was interrupted; the next one goes on from there\n";
    }
    for (const auto& change : report.changes)
        out += "  ~ " + change.what + ": " + change.from + " -> " + change.to + "\n";
    for (const auto& note : report.notes) out += "  ! " + note + "\n";
    if (!report.backup.empty()) out += "  backup: " + report.backup.string() + "\n";
    const auto left = std::to_string(report.writesLeft) + " left today";
    if (report.changes.empty()) {
        if (report.backup.empty()) out += "  nothing to do\n";
    } else if (written) {
        out += "  written and read back; rewrites: " + std::to_string(report.writes) + ", " + left +
               "\n";
    } else {
        out += "  rewrites: " + std::to_string(report.writes) + ", " + left + "\n";
    }
    return out;
}

std::string reportJson(const Report& report, bool written) {
    nlohmann::json root = {{"device", report.device},
                           {"maker", report.printer.maker},
                           {"name", report.printer.name},
                           {"firmware", report.printer.firmware},
                           {"serial", report.printer.serial},
                           {"model", report.model},
                           {"written", written},
                           {"interrupted", report.interrupted},
                           {"changes", nlohmann::json::array()},
                           {"notes", report.notes},
                           {"writes", report.writes},
                           {"writesLeft", report.writesLeft}};
    for (const auto& change : report.changes)
        root["changes"].push_back(
            {{"what", change.what}, {"from", change.from}, {"to", change.to}});
    if (!report.backup.empty()) root["backup"] = report.backup.string();
    return root.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string readdressed(const std::string& address, const std::map<int, std::string>& serial) {
    if (!address.starts_with("serial:")) return address;
    const auto at = address.find('?');
    auto query = queryOf(at == std::string::npos ? std::string() : address.substr(at + 1));
    for (const auto& [item, digits] : serial) {
        if (item == kBaud) query["baud"] = digits;
        if (item == kDataBits) query["bits"] = digits;
        if (item == kParity) query["parity"] = parityWord(digits);
        if (item == kFlow) query["flow"] = digits == "1" ? "xon-xoff" : "rts-cts";
    }
    std::string out = address.substr(0, at);
    char separator = '?';
    for (const auto& [key, value] : query) {
        out += separator;
        out.append(key).append("=").append(value);
        separator = '&';
    }
    return out;
}

} // namespace souffleur::provision
