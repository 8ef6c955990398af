#include "firmware-config/provision/Session.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "firmware-config/provision/Codec.h"

namespace souffleur::provision {
namespace {

constexpr std::size_t kWritesKept = 1000;

std::string utc(std::int64_t at) {
    const std::time_t seconds = (at + 59'999) / 60'000 * 60; // not a minute too early
    std::tm parts{};
    (void) ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    (void) std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return text.data();
}

/// What a memory switch must read once the wanted bits are written.
bool switchFits(const std::string& bits, const std::string& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != '2' && bits[i] != wanted[i]) return false;
    }
    return true;
}

} // namespace

Scope scopeOf(const Target& target) {
    Scope scope;
    for (const auto& [number, bits] : target.switches) scope.switches.insert(number);
    for (const auto& [number, value] : target.values) scope.values.insert(number);
    for (const auto& [item, digits] : target.serial) scope.serial.insert(item);
    scope.pictures = target.asksPictures();
    return scope;
}

Scope scopeOf(const printer::Model& model) {
    Scope scope;
    scope.strict = false;
    scope.pictures = model.nv.graphics == printer::NvGraphics::gsL;
    if (!model.memorySwitches.supported) return scope;
    scope.switches = {1, 2, 3, 4, 5, 6, 7, 8};
    for (const auto& [name, number] : model.memorySwitches.values) scope.values.insert(number);
    if (model.serial) scope.serial = {kBaud, kParity, kFlow, kDataBits};
    return scope;
}

void Provisioner::Session::tell(const std::string& step, bool large) const {
    if (_owner._options.onStep) _owner._options.onStep(step, large);
}

Result<void> Provisioner::Session::recover(const std::vector<Journal>& open) {
    std::uint64_t unfinished = 0;
    bool settingMode = false;
    // An apply that runs has a journal as well: not a byte goes into the middle of it.
    std::vector<Shelf> held;
    for (const auto& journal : open) {
        auto shelf = Shelf::hold(_owner._options.folder, journal);
        if (!shelf) return passOn(shelf);
        held.push_back(*std::move(shelf));
        unfinished = std::max(unfinished, journal.unfinished);
        settingMode = settingMode || journal.settingMode;
    }
    // Before it is asked who it is, on purpose: a question would be swallowed as the rest of what
    // was half said. Another printer in the place of that one loses nothing by it: NUL and CAN are
    // no commands outside of one, and "leave the setting mode" is none outside of that mode.
    tell("ending what an interrupted run may have left half said");
    if (auto flushed = _talk->flush(unfinished); !flushed) return flushed;
    if (!settingMode) return {};
    return _talk->leave();
}

Result<void> Provisioner::Session::identify() {
    auto found = _talk->identify();
    if (!found) {
        if (found.error().fault == Fault::silent && !openJournals(_owner._options.folder).empty())
            found.error().message += ". An apply was interrupted: the next one goes on from there";
        return passOn(found);
    }
    _identity = *std::move(found);
    const auto& given = _owner._options.serial;
    if (_identity.serial.empty()) {
        _identity.serial = given;
    } else if (!given.empty() && given != _identity.serial) {
        return fail(Fault::wrongModel, "the printer says that its serial number is " +
                                           _identity.serial + ", not " + given);
    }
    return {};
}

tl::unexpected<Error> Provisioner::Session::wrongModel(const std::string& wanted) const {
    std::string says = _identity.maker;
    if (!says.empty()) says += ' ';
    return fail(Fault::wrongModel, _talk->describe() + ": the printer says it is " + says +
                                       _identity.name + ", which is not " + wanted);
}

Result<void> Provisioner::Session::expect(const std::string& model) {
    _model = modelById(_owner._models, model);
    if (_model == nullptr)
        return fail(Fault::settings, "there is no printer profile named " + model);
    if (_model->language != printer::Language::escPos)
        return fail(Fault::settings, _model->refusal);
    const printer::Seen seen{0, 0, {}, {}, _identity.maker, _identity.name};
    if (printer::bestModel({*_model}, seen) == nullptr) return wrongModel(model);
    return {};
}

Result<void> Provisioner::Session::recogniseModel() {
    const printer::Seen seen{0, 0, {}, {}, _identity.maker, _identity.name};
    const auto* const best = printer::bestModel(_owner._models, seen);
    if (best == nullptr) return wrongModel("in any profile; name one with --model");
    return expect(best->profile.id);
}

Result<void> Provisioner::Session::look() {
    const auto shelf = Shelf::look(_owner._options.folder, _identity.serial);
    if (_identity.serial.empty()) return {};
    auto record = shelf.record();
    if (!record) return passOn(record);
    auto journal = shelf.journal();
    if (!journal) return passOn(journal);
    _record = *std::move(record);
    _journal = *std::move(journal);
    return {};
}

Result<void> Provisioner::Session::hold() {
    if (_identity.serial.empty()) {
        return fail(Fault::settings,
                    "the printer does not tell its serial number, by which its backups are kept "
                    "and its rewrites are counted: give the one on its label with --serial");
    }
    auto shelf = Shelf::hold(_owner._options.folder, _identity.serial);
    if (!shelf) return passOn(shelf);
    _shelf.emplace(*std::move(shelf));
    return look();
}

Result<void> Provisioner::Session::keepRecord() {
    return _shelf->keep(_record);
}

Result<void> Provisioner::Session::keepJournal() {
    return _shelf->keep(*_journal);
}

Result<Present> Provisioner::Session::read(const Scope& scope) {
    Present present;
    const int wait = scope.strict ? _talk->timing().answerMs : _talk->timing().probeMs;
    const auto fill = [&](const std::set<int>& numbers, auto& into, const auto& ask,
                          const std::string& what) -> Result<void> {
        for (const int number : numbers) {
            const auto found = ask(number);
            if (!found) return passOn(found);
            if (*found) into[number] = **found;
            if (*found || !scope.strict) continue;
            return fail(Fault::settings, _talk->describe() + ": the printer does not know " + what +
                                             " " + std::to_string(number) +
                                             "; take that out of the settings");
        }
        return {};
    };
    auto filled = fill(
        scope.switches, present.switches, [&](int n) { return _talk->memorySwitch(n, wait); },
        "memory switch");
    if (filled) {
        filled = fill(
            scope.values, present.values, [&](int n) { return _talk->value(n, wait); },
            "customized value");
    }
    if (filled) {
        filled = fill(
            scope.serial, present.serial, [&](int n) { return _talk->serial(n, wait); },
            "item of the serial line");
    }
    if (!filled) return passOn(filled);
    if (scope.pictures) filled = readPictures(present, scope.strict);
    if (!filled) return passOn(filled);
    return present;
}

Result<void> Provisioner::Session::readPictures(Present& present, bool strict) {
    const auto room = _talk->freeBytes(_talk->timing().answerMs);
    if (!room) {
        if (!strict && room.error().fault == Fault::noRoom) return {};
        return passOn(room);
    }
    const auto keys = _talk->keys();
    if (!keys) return passOn(keys);
    present.picturesRead = true;
    present.freeBytes = *room;
    for (const auto& key : *keys) present.pictures[key] = std::nullopt;
    recognise(present, _record);
    return {};
}

Report Provisioner::Session::report(const Plan& plan) const {
    Report out;
    out.device = _talk->describe();
    out.printer = _identity;
    out.model = _model->profile.id;
    out.changes = plan.changes;
    out.notes = plan.notes;
    out.backup = _backup;
    out.interrupted = _journal.has_value();
    out.writes = static_cast<int>(plan.steps.size());
    out.writesLeft = writesLeft(_record.writes, perDay(), _owner._clock());
    return out;
}

Result<Report> Provisioner::Session::bring(const Target& target, bool writing,
                                           const std::filesystem::path& from) {
    const auto present = read(scopeOf(target));
    if (!present) return passOn(present);
    const auto plan = difference(*present, target, *_model);
    Report out = report(plan);
    for (const auto& key : plan.lost) {
        if (_journal && key == _record.doubtful) continue;
        out.notes.push_back("logo " + key +
                            ": what stands there now cannot be read, so no backup brings it back; "
                            "apply replaces it only with --replace-unknown");
    }
    if (!writing) return out;
    if (_journal && toJson(_journal->target) != toJson(target) &&
        from.filename().string() != _journal->backup) {
        return fail(Fault::interrupted,
                    "an apply of " + utc(_journal->startedAt) +
                        " was interrupted and was for other settings: do that one again, or "
                        "restore " +
                        _journal->backup + ", which is from before it");
    }
    if (!plan.empty()) {
        if (auto may = mayWrite(plan, *present); !may) return passOn(may);
        if (auto begun = begin(target, *present); !begun) return passOn(begun);
        if (auto written = write(plan, target); !written) return passOn(written);
        if (auto fine = verify(target); !fine) return passOn(fine);
    } else {
        out.notes.clear();
    }
    if (_journal) {
        tell("done", false);
        if (auto ended = _shelf->endJournal(); !ended) return passOn(ended);
    }
    out.backup = _backup;
    out.writesLeft = writesLeft(_record.writes, perDay(), _owner._clock());
    return out;
}

Result<void> Provisioner::Session::mayWrite(const Plan& plan, const Present& present) {
    for (const auto& key : plan.lost) {
        const bool ours = _journal && key == _record.doubtful;
        if (ours || _owner._options.replaceUnknown) continue;
        return fail(Fault::unknown,
                    "logo " + key +
                        ": a picture stands there that this program did not write. Printers do not "
                        "tell what their pictures look like, so nothing could bring it back: "
                        "--replace-unknown replaces it, another key keeps it");
    }
    if (plan.bytesNeeded > present.freeBytes) {
        return fail(Fault::noRoom, "the logos need " + std::to_string(plan.bytesNeeded) +
                                       " bytes more than are there now; " +
                                       std::to_string(present.freeBytes) + " are free");
    }
    const int needed = static_cast<int>(plan.steps.size());
    const auto now = _owner._clock();
    const int left = writesLeft(_record.writes, perDay(), now);
    const auto most = std::to_string(perDay());
    if (needed > perDay()) {
        return fail(Fault::budget, "this needs " + std::to_string(needed) +
                                       " rewrites of the printer's memory, and " + most +
                                       " a day is what it bears: take some logos out and add them "
                                       "another day");
    }
    if (needed > left) {
        return fail(Fault::budget, "this needs " + std::to_string(needed) +
                                       " rewrites of the printer's memory, and " +
                                       std::to_string(left) + " of " + most +
                                       " a day are left: possible again from " +
                                       utc(allowedAt(_record.writes, perDay(), needed, now)));
    }
    return _talk->ready();
}

/// The backup and the journal, before anything is written. A resumed run keeps the ones it had.
Result<void> Provisioner::Session::begin(const Target& target, const Present& present) {
    if (_journal) {
        _journal->address = _owner._address;
        _journal->target = target;
        return keepJournal();
    }
    tell("saving what the printer holds now");
    const auto file = _shelf->keep(Backup{_owner._clock(), _model->profile.id, _identity, present});
    if (!file) return passOn(file);
    _backup = *file;
    Journal journal;
    journal.startedAt = _owner._clock();
    journal.address = _owner._address;
    journal.backup = file->filename().string();
    journal.target = target;
    _journal = journal;
    tell("noting what shall be done", false);
    return keepJournal();
}

/// The rewrite is counted before it is sent: a power cut in between costs one, never hides one.
Result<void> Provisioner::Session::rewrite(const Step& step) {
    _record.writes.push_back(_owner._clock());
    if (_record.writes.size() > kWritesKept) _record.writes.erase(_record.writes.begin());
    tell("counting the rewrite of " + step.name, false);
    if (auto kept = keepRecord(); !kept) return kept;
    _journal->unfinished = step.command.size();
    tell("noting that " + step.name + " is being written", false);
    if (auto kept = keepJournal(); !kept) return kept;
    tell("writing " + step.name);
    return _talk->send(step.command);
}

Result<void> Provisioner::Session::write(const Plan& plan, const Target& target) {
    for (const auto& step : plan.steps) {
        if (step.kind != Step::Kind::remove && step.kind != Step::Kind::define) continue;
        if (auto done = writePictureStep(step, target); !done) return done;
    }
    const bool settings = std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
        return step.kind != Step::Kind::remove && step.kind != Step::Kind::define;
    });
    if (!settings) return {};
    _journal->settingMode = true;
    tell("noting the setting mode", false);
    if (auto kept = keepJournal(); !kept) return kept;
    tell("entering the setting mode");
    if (auto entered = _talk->enter(); !entered) return entered;
    for (const auto& step : plan.steps) {
        if (step.kind == Step::Kind::remove || step.kind == Step::Kind::define) continue;
        if (auto done = writeSetting(step, target); !done) {
            // Printing comes before setting up: out of the mode, if it still can be reached.
            const auto fault = done.error().fault;
            if (fault == Fault::notTaken || fault == Fault::garbled) (void) _talk->leave();
            return done;
        }
    }
    return leaveMode(plan, target);
}

Result<void> Provisioner::Session::leaveMode(const Plan& plan, const Target& target) {
    tell("leaving the setting mode");
    const bool serial = std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
        return step.kind == Step::Kind::serial;
    });
    const auto address = serial ? readdressed(_owner._address, target.serial) : _owner._address;
    if (address != _owner._address) {
        // It speaks otherwise once it is back: leave, and meet it there.
        auto line = _owner._connect(address);
        if (!line) return fail(Fault::line, line.error().message);
        if (auto left = _talk->leaveFor(*std::move(line)); !left) return left;
    } else if (auto left = _talk->leave(); !left) {
        return left;
    }
    _journal->settingMode = false;
    tell("noting that the setting mode is over", false);
    return keepJournal();
}

Result<void> Provisioner::Session::taken(const Step& step, bool asWanted) {
    if (!asWanted) {
        return fail(Fault::notTaken, _talk->describe() + ": the printer did not take " + step.name +
                                         ". Was it switched off, or does it not allow that? Do "
                                         "this again: it goes on from here");
    }
    _journal->unfinished = 0;
    tell("noting that " + step.name + " is written", false);
    return keepJournal();
}

Result<void> Provisioner::Session::writePictureStep(const Step& step, const Target& target) {
    _record.doubtful = step.key;
    _record.pictures.erase(step.key);
    if (auto sent = rewrite(step); !sent) return sent;
    const auto room = _talk->freeBytes(_talk->timing().writeMs);
    if (!room) return passOn(room);
    const auto keys = _talk->keys();
    if (!keys) return passOn(keys);
    const bool define = step.kind == Step::Kind::define;
    if (auto fine = taken(step, keys->contains(step.key) == define); !fine) return fine;
    _record.doubtful.clear();
    _record.keys = *keys;
    _record.freeBytes = *room;
    if (define) _record.pictures[step.key] = target.pictures.at(step.key);
    tell("noting the pictures", false);
    return keepRecord();
}

/// The answer is what it is told by, and the sign that it is not busy any more.
Result<void> Provisioner::Session::writeSetting(const Step& step, const Target& target) {
    if (auto sent = rewrite(step); !sent) return sent;
    const int wait = _talk->timing().writeMs;
    bool fits = true;
    if (step.kind == Step::Kind::switches) {
        for (const auto& [number, wanted] : target.switches) {
            const auto bits = _talk->memorySwitch(number, wait);
            if (!bits) return passOn(bits);
            fits = fits && *bits && switchFits(**bits, wanted);
        }
    } else if (step.kind == Step::Kind::values) {
        for (const auto& [number, wanted] : target.values) {
            const auto value = _talk->value(number, wait);
            if (!value) return passOn(value);
            fits = fits && *value == wanted;
        }
    } else {
        const auto digits = _talk->serial(step.item, wait);
        if (!digits) return passOn(digits);
        fits = *digits == target.serial.at(step.item);
    }
    return taken(step, fits);
}

Result<void> Provisioner::Session::verify(const Target& target) {
    tell("reading back");
    const auto present = read(scopeOf(target));
    if (!present) return passOn(present);
    const auto rest = difference(*present, target, *_model);
    if (rest.empty()) return {};
    return fail(Fault::notTaken, _talk->describe() + ": after all was written, " +
                                     rest.changes.front().what + " reads " +
                                     rest.changes.front().from + ", not " +
                                     rest.changes.front().to + ". Do this again");
}

Result<Report> Provisioner::Session::saveBackup() {
    const auto present = read(scopeOf(*_model));
    if (!present) return passOn(present);
    const auto file =
        _shelf->keep(Backup{_owner._clock(), _model->profile.id, _identity, *present});
    if (!file) return passOn(file);
    _backup = *file;
    Report out = report(Plan{});
    for (const auto& [key, picture] : present->pictures) {
        if (!picture)
            out.notes.push_back("logo " + key +
                                " is there and cannot be read: this program did "
                                "not write it, so no backup brings it back");
    }
    return out;
}

} // namespace souffleur::provision
