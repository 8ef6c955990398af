// What a kiosk may say: the hub trusts its word no further than this. Pure.
#pragma once

#include <vector>

#include "plugin/base/Result.h"
#include "sync/protocol/Sealed.h"
#include "sync/store/Store.h"

namespace souffleur::hub {

/// A visitor's answers as they may be placed: acts by method kiosk at the kiosk's own place, of one
/// subject, that answer (given or refused, by consent) and know of nothing before them; every yes
/// to be written to waits for its confirmation; no number of another system comes along. Errors:
/// refused, invalid (the codecs').
Result<std::vector<store::Incoming>> checkSignUp(const protocol::SignUp& signUp,
                                                 const store::Origin& kiosk);

} // namespace souffleur::hub
