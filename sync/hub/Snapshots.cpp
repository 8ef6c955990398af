#include "sync/hub/Snapshots.h"

#include <algorithm>
#include <fstream>
#include <span>

#include "plugin/crypto/Encoding.h"

namespace souffleur::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kIdBytes = 16;

} // namespace

Snapshots::Snapshots(Home& home, const Clock& clock, Random& random, SnapshotConfig config)
    : _home(home), _clock(clock), _random(random), _config(config),
      _folder(home.folder() / "snapshots") {
    drop(); // of an earlier run: what was erased since, nobody noticed
}

Snapshots::~Snapshots() {
    std::thread last;
    _stopping = true;
    {
        const std::lock_guard lock(_mutex);
        last = std::move(_thread);
    }
    if (last.joinable()) last.join();
    drop();
}

void Snapshots::drop() {
    std::error_code ignored;
    fs::remove_all(_folder, ignored);
}

fs::path Snapshots::fileOf(const std::string& id) const {
    return _folder / (id + ".zst");
}

const protocol::SnapshotManifest* Snapshots::find(const std::string& id) const {
    for (const auto* each : {&_latest, &_before})
        if (*each && (*each)->id == id) return &**each;
    return nullptr;
}

void Snapshots::forget(std::optional<protocol::SnapshotManifest>& one) {
    std::error_code ignored;
    if (one) fs::remove(fileOf(one->id), ignored);
    one.reset();
}

Snapshots::Made Snapshots::make() {
    std::error_code failed;
    fs::create_directories(_folder, failed);
    fs::permissions(_folder, fs::perms::owner_all, failed);
    if (!_gathering) {
        auto begun = store::Gathering::begin(_folder / "gathering.db");
        if (!begun) return {passOn(begun), true};
        _gathering = *std::move(begun);
    }
    const auto erased = _gathering->follow(_home.store(), _stopping);
    if (!erased) return {passOn(erased), true}; // it cannot be said that nobody was
    return {writeFile(), *erased};
}

Result<protocol::SnapshotManifest> Snapshots::writeFile() {
    std::error_code failed;
    protocol::SnapshotManifest out;
    std::string id(kIdBytes, '\0');
    _random.fill(std::as_writable_bytes(std::span(id)));
    out.id = crypto::toHex(id);
    out.log = _home.origin();
    out.at = _clock.now().at;
    out.cursor = _gathering->cursor().text();
    const fs::path raw = _folder / "made.db";
    const auto people = _gathering->write(raw, addMonths(out.at, -_config.months));
    if (!people) {
        fs::remove(raw, failed);
        return passOn(people);
    }
    out.people = *people;
    out.rawBytes = fs::file_size(raw, failed);
    const auto packed = protocol::packFile(raw, fileOf(out.id));
    fs::remove(raw, failed);
    if (!packed) {
        fs::remove(fileOf(out.id), failed); // half of it
        return passOn(packed);
    }
    if (packed->bytes > protocol::kSnapshotMaxBytes ||
        out.rawBytes > protocol::kSnapshotMaxRawBytes) {
        fs::remove(fileOf(out.id), failed);
        return fail(Code::tooLarge, "the snapshot for new tills is larger than they take");
    }
    out.bytes = packed->bytes;
    out.hash = packed->hash;
    out.signature = _home.signingKey().sign(protocol::signingInput(out));
    return out;
}

void Snapshots::build() {
    std::unique_lock working(_working);
    Made made = make();
    const std::lock_guard lock(_mutex);
    _building = false;
    _madeAt = _clock.monotonicMs();
    forget(_before);
    if (made.erased) forget(_latest);
    if (made.manifest) {
        _before = std::move(_latest);
        _latest = *std::move(made.manifest);
    } else {
        _failed = made.manifest.error();
        _gathering.reset(); // whatever is wrong with it, the next one begins anew
        forget(_latest);    // for nobody notices any more who in it is erased
    }
    working.unlock(); // before anybody hears of it
    _made.notify_all();
}

Result<protocol::SnapshotManifest> Snapshots::latest() {
    std::unique_lock lock(_mutex);
    const bool due = (!_latest && !_failed) || _clock.monotonicMs() - _madeAt >= _config.everyMs;
    if (!_building && due) {
        if (_thread.joinable()) _thread.join();     // it is over
        _thread = std::thread([this] { build(); }); // it may throw: nothing is being built then
        _building = true;
        _failed.reset();
    }
    // An older one serves as well: the tail is longer.
    _made.wait_for(lock, std::chrono::milliseconds(_config.waitMs),
                   [this] { return _latest || !_building; });
    if (_latest) return *_latest;
    if (_failed) return tl::make_unexpected(*_failed);
    return fail(Code::unavailable, "the snapshot is being made: ask again", "building");
}

Result<protocol::SnapshotManifest> Snapshots::manifest(const std::string& id) const {
    const std::lock_guard lock(_mutex);
    const auto* known = find(id);
    if (known == nullptr) return fail(Code::notFound, "this snapshot is gone: ask for another");
    return *known;
}

Result<std::string> Snapshots::part(const std::string& id, std::uint64_t from,
                                    std::size_t size) const {
    const auto known = manifest(id);
    if (!known) return passOn(known);
    if (from >= known->bytes) return fail(Code::invalid, "beyond the end of the snapshot", "Range");
    std::ifstream in(fileOf(id), std::ios::binary);
    in.seekg(static_cast<std::streamoff>(from));
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(size, known->bytes - from)),
                    '\0');
    in.read(out.data(), static_cast<std::streamsize>(out.size()));
    if (!in) return fail(Code::notFound, "this snapshot is gone: ask for another");
    return out;
}

void Snapshots::tidy() {
    const std::unique_lock working(_working, std::try_to_lock);
    if (!working) return; // the one that is being made looks itself
    {
        const std::lock_guard lock(_mutex);
        if (!_gathering || _building) return;
    }
    const auto erased = _gathering->follow(_home.store(), _stopping);
    if (erased && !*erased) return;
    // Somebody who is in a file was erased, or it cannot be said that nobody was.
    const std::lock_guard lock(_mutex);
    if (!erased) _gathering.reset();
    forget(_latest);
    forget(_before);
    _madeAt = 0;
}

} // namespace souffleur::hub
