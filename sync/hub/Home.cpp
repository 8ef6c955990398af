#include "sync/hub/Home.h"

#include <algorithm>
#include <span>

#include "plugin/crypto/PrivateFile.h"
#include "sync/hub/HubOrigin.h"
#include "sync/hub/OwnClock.h"
#include "sync/hub/StoreFile.h"

namespace souffleur::hub {
namespace {

namespace fs = std::filesystem;

Result<crypto::Authority> openAuthority(const fs::path& folder, TimeMs now) {
    std::error_code failed;
    // Its folder is made first: one without the certificate is a founding that was broken off.
    if (fs::exists(folder, failed) && !fs::is_empty(folder, failed))
        return crypto::Authority::load(folder);
    fs::create_directories(folder, failed);
    fs::permissions(folder, fs::perms::owner_all, failed);
    auto authority =
        crypto::Authority::make("Souffleur house authority", now - kDayMs, now + kAuthorityLifeMs);
    if (!authority) return authority;
    if (auto saved = authority->save(folder); !saved) return passOn(saved);
    return authority;
}

Result<crypto::SigningKey> openSigningKey(const fs::path& file, Random& random) {
    if (fs::exists(file)) return crypto::SigningKey::load(file);
    auto key = crypto::SigningKey::generate(random);
    if (auto saved = key.save(file); !saved) return passOn(saved);
    return key;
}

/// 32 random bytes in a private file, made at first use.
Result<crypto::Hash> openSecret(const fs::path& file, Random& random) {
    crypto::Hash bytes{};
    if (!fs::exists(file)) {
        random.fill(std::as_writable_bytes(std::span{bytes}));
        if (auto saved = crypto::writePrivateFile(file, crypto::bytesOf(bytes)); !saved)
            return passOn(saved);
        return bytes;
    }
    const auto read = crypto::readPrivateFile(file);
    if (!read) return passOn(read);
    if (read->view().size() != bytes.size())
        return fail(Code::corrupt, "a key file has the wrong length", file.filename());
    std::copy(read->view().begin(), read->view().end(), bytes.begin());
    return bytes;
}

/// Names that every head office answers to.
const std::vector<std::string> kOwnNames{"localhost", "127.0.0.1"};

/// Does the certificate still serve: this key's, in force, not near its end, with these names?
bool serves(const crypto::CertificateInfo& info, const crypto::Hash& key,
            const std::vector<std::string>& names, TimeMs now) {
    return info.fingerprint == key && info.notBefore <= now &&
           info.notAfter - now > kServerRenewMs &&
           std::all_of(names.begin(), names.end(), [&](const std::string& name) {
               return std::find(info.names.begin(), info.names.end(), name) != info.names.end();
           });
}

/// What devices see of head office: made anew before its end, and where the house answers to
/// another name. The key stays, for invitations pin it.
Result<void> keepServerCertificate(const fs::path& folder, const crypto::Authority& authority,
                                   const std::vector<std::string>& more, TimeMs now) {
    const fs::path keyFile = folder / "tls.key";
    const fs::path certFile = folder / "tls.pem";
    std::vector<std::string> names = kOwnNames;
    const auto add = [&](const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    std::for_each(more.begin(), more.end(), add);
    if (!fs::exists(keyFile)) {
        auto written = crypto::writePrivateFile(keyFile, crypto::newTlsKey().view());
        if (!written) return written;
    }
    const auto key = crypto::readPrivateFile(keyFile);
    if (!key) return passOn(key);
    const auto own = crypto::publicKeyFingerprint(key->view());
    if (!own) return passOn(own);
    // No later than the one before: should the clock run ahead now, it is good once set right.
    TimeMs from = now - kDayMs;
    if (const auto held = crypto::readPrivateFile(certFile)) {
        const auto info = crypto::readCertificate(held->view());
        if (info && serves(*info, *own, names, now)) return {};
        if (info) std::for_each(info->names.begin(), info->names.end(), add);
        if (info) from = std::min(from, info->notBefore);
    }
    const auto request = crypto::makeRequest(key->view(), "souffleur-hub");
    if (!request) return passOn(request);
    const auto certificate = authority.issueServer(*request, names, from, now + kServerLifeMs);
    if (!certificate) return passOn(certificate);
    return crypto::writePrivateFile(certFile, *certificate);
}

/// One that was founded by a clock that ran ahead shows certificates that no device takes yet.
Result<void> checkFounded(const crypto::Authority& authority, TimeMs now) {
    const auto info = crypto::readCertificate(authority.certificatePem());
    if (!info) return passOn(info);
    if (info->notBefore <= now) return {};
    return fail(Code::conflict,
                "this head office was founded on " + formatTime(info->notBefore).substr(0, 10) +
                    " by its clock, which is still to come: no device can trust it; if the clock "
                    "is wrong now, set it, else found head office anew in another folder");
}

/// Empty, or with nothing but the word where the store is to be.
bool isNew(const fs::path& folder) {
    std::error_code failed;
    for (const fs::directory_entry& each : fs::directory_iterator(folder, failed)) {
        if (each.path().filename() != kStoreFile) return false;
    }
    return true;
}

} // namespace

Home::Home(fs::path folder, crypto::Authority authority, crypto::SigningKey signingKey)
    : _folder(std::move(folder)), _authority(std::move(authority)),
      _signingKey(std::move(signingKey)) {}

Home::~Home() = default;

Result<bool> Home::standsIn(const fs::path& folder) {
    std::error_code failed;
    const bool stands = fs::exists(folder / "authority", failed);
    if (failed)
        return fail(Code::storage, "the folder cannot be read: " + failed.message(),
                    folder.string());
    return stands;
}

Result<std::unique_ptr<Home>> Home::open(const fs::path& folder, const Clock& clock, Random& random,
                                         bool alone, const std::vector<std::string>& names) {
    const auto stands = standsIn(folder);
    if (!stands) return passOn(stands);
    // Looking at what is on file is no matter of time; writing is.
    if (alone && *stands) {
        if (auto sane = checkOwnClock(clock.now().at); !sane) return passOn(sane);
    }
    if (!*stands) {
        return fail(Code::notFound,
                    "there is no head office in this folder: check --data, or make one with "
                    "`souffleur-hub --data FOLDER init`",
                    folder.string());
    }
    return openAll(folder, clock, random, alone, names);
}

Result<std::unique_ptr<Home>> Home::found(const fs::path& folder, const Clock& clock,
                                          Random& random, bool alone,
                                          const std::vector<std::string>& names) {
    if (auto sane = checkOwnClock(clock.now().at); !sane) return passOn(sane);
    const auto stands = standsIn(folder);
    if (!stands) return passOn(stands);
    if (*stands) return openAll(folder, clock, random, alone, names);
    std::error_code failed;
    if (!fs::exists(folder, failed)) {
        fs::create_directories(folder, failed);
        fs::permissions(folder, fs::perms::owner_all, failed);
    } else if (fs::is_directory(folder, failed) && !isNew(folder) && !failed) {
        return fail(Code::conflict,
                    "this folder holds other things: name a new one for the head office with "
                    "--data",
                    folder.string());
    }
    if (failed || !fs::is_directory(folder, failed))
        return fail(Code::storage, "the hub's data folder cannot be made", folder.string());
    return openAll(folder, clock, random, alone, names);
}

Result<std::unique_ptr<Home>> Home::openAll(const fs::path& folder, const Clock& clock,
                                            Random& random, bool alone,
                                            const std::vector<std::string>& names) {
    const TimeMs now = clock.now().at;
    auto authority = openAuthority(folder / "authority", now);
    if (!authority) return passOn(authority);
    if (alone) {
        if (auto usable = checkFounded(*authority, now); !usable) return passOn(usable);
    }
    if (alone || !fs::exists(folder / "tls.pem")) {
        if (auto kept = keepServerCertificate(folder, *authority, names, now); !kept)
            return passOn(kept);
    }
    auto signingKey = openSigningKey(folder / "signing.key", random);
    if (!signingKey) return passOn(signingKey);
    auto houseKey = openSecret(folder / "house.key", random);
    if (!houseKey) return passOn(houseKey);
    auto pepper = openSecret(folder / "pepper.key", random);
    if (!pepper) return passOn(pepper);
    std::unique_ptr<Home> home(new Home(folder, std::move(*authority), std::move(*signingKey)));
    home->_houseKey = *houseKey;
    home->_pepper = *pepper;
    if (auto opened = home->openStore(clock, random, alone); !opened) return passOn(opened);
    home->_chain.reset(new HubOrigin(*home, clock, random));
    if (auto saved =
            crypto::writePrivateFile(folder / "authority.pem", home->_authority.certificatePem());
        !saved) {
        return passOn(saved);
    }
    return home;
}

Result<void> Home::openStore(const Clock& clock, Random& random, bool alone) {
    auto store = openStoreOf(_folder, store::StoreKeys{_houseKey}, alone);
    if (!store) return passOn(store);
    _store = std::move(*store);
    const auto known = _store->setting("origin");
    if (known) {
        const auto id = OriginId::parse(*known);
        if (!id) return fail(Code::corrupt, "the hub's own origin cannot be read");
        _origin = *id;
        return {};
    }
    if (known.error().code != Code::notFound) return passOn(known);
    store::Origin self;
    self.id = OriginId::random(random);
    self.kind = "hub";
    self.name = "Head office";
    self.place = "head-office";
    self.publicKey = _signingKey.publicKey();
    self.status = store::OriginStatus::active;
    self.enrolledAt = clock.now().at;
    _origin = self.id;
    if (auto enrolled = _store->enrol(self); !enrolled) return enrolled;
    return _store->putSetting("origin", self.id.text());
}

http::ServerTls Home::tls() const {
    http::ServerTls tls;
    tls.certFile = _folder / "tls.pem";
    tls.keyFile = _folder / "tls.key";
    tls.caFile = _folder / "authority.pem";
    tls.requireClient = false; // enrolment comes without one; every other route demands it
    tls.acceptExpired = true;  // DESIGN 6: may push and renew, is judged per request
    return tls;
}

Result<TimeMs> Home::certificateEnds() const {
    const auto held = crypto::readPrivateFile(_folder / "tls.pem");
    if (!held) return passOn(held);
    const auto info = crypto::readCertificate(held->view());
    if (!info) return passOn(info);
    return info->notAfter;
}

crypto::Hash Home::leaseKey(std::string_view vault) const {
    return crypto::hmacSha256(crypto::bytesOf(_pepper),
                              std::string("souffleur-lease-1\n").append(vault));
}

crypto::Hash Home::intakeSecret() const {
    return crypto::hmacSha256(crypto::bytesOf(_pepper), "souffleur-intake-secret-1");
}

Result<crypto::Hash> Home::pin() const {
    const auto key = crypto::readPrivateFile(_folder / "tls.key");
    if (!key) return passOn(key);
    return crypto::publicKeyFingerprint(key->view());
}

} // namespace souffleur::hub
