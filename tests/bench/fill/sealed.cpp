// rooms: kiosk-lobby
// fill-sealed KIOSK_FOLDER COUNT: as many sealed items in a kiosk's folder as COUNT, by the bytes
// of the one that waits there. For tests/bench/kiosk_screen.mjs.
#include <cstdio>
#include <cstdlib>

#include "kiosk/lobby/SealedStore.h"

namespace {

using namespace souffleur;

Result<void> fill(const char* folder, std::uint64_t count) {
    const auto store = lobby::SealedStore::open(folder);
    if (!store) return passOn(store);
    const auto items = (*store)->waiting(0, 1);
    if (!items) return passOn(items);
    if (items->empty()) return fail(Code::notFound, "nothing waits there yet", folder);
    const auto pending = (*store)->pending();
    if (!pending) return passOn(pending);
    for (std::uint64_t held = *pending; held < count; ++held) {
        auto added = (*store)->add([&](std::uint64_t number) {
            protocol::SealedItem item = items->front();
            item.number = number;
            return Result<protocol::SealedItem>(std::move(item));
        });
        if (!added) return added;
    }
    return {};
}

} // namespace

int main(int count, char** arguments) {
    const std::uint64_t items = count == 3 ? std::strtoull(arguments[2], nullptr, 10) : 0;
    if (items == 0) {
        std::fprintf(stderr, "fill-sealed KIOSK_FOLDER COUNT\n");
        return 2;
    }
    const auto done = fill(arguments[1], items);
    if (!done) std::fprintf(stderr, "fill-sealed: %s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
