// `souffleur-hub ledger prove`: one file that shows an act, and that the log holds it.
#include <cstdio>

#include "plugin/crypto/PrivateFile.h"
#include "sync/hub/Commands.h"
#include "sync/hub/LogViews.h"

namespace souffleur::hub {
namespace {

Result<std::filesystem::path> prove(const Context& context, const ProveOptions& options) {
    const auto id = EventId::parse(options.event);
    if (!id) {
        return fail(Code::invalid,
                    "an act has an id as the console shows it in a person's history");
    }
    auto home = Home::open(context.data, context.clock, context.random, false);
    if (!home) return passOn(home);
    const store::Store& store = (*home)->store();
    const LogVoice voice{store, (*home)->origin(), (*home)->signingKey(), context.clock.now().at};
    // Whoever asks here wants the place in the log; the console hands out what it has.
    if (auto held = inclusionOf(voice, *id); !held) return passOn(held);
    const auto proof = proofOf(voice, *id);
    if (!proof) return passOn(proof);
    const std::filesystem::path file =
        options.out.empty() ? std::filesystem::path("proof-" + id->text() + ".json") : options.out;
    if (auto written = crypto::writePrivateFile(file, *proof); !written) return passOn(written);
    if (auto told = (*home)->store().audit({voice.now, "system", "proof.view", id->text()}); !told)
        return passOn(told);
    return file;
}

} // namespace

int proveAct(const Context& context, const ProveOptions& options) {
    const auto file = prove(context, options);
    if (!file) {
        (void) std::fprintf(stderr, "souffleur-hub: %s\n", file.error().text().c_str());
        return 1;
    }
    (void) std::printf("%s: check it anywhere with `souffleur receipt verify FILE --key KEY`, KEY "
                       "being a file with what `souffleur-hub key` prints\n",
                       file->c_str());
    return 0;
}

} // namespace souffleur::hub
