// An act on paper: a small poster that says what was agreed and how to take it back.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drivers/escpos/Document.h"
#include "plugin/base/Result.h"
#include "plugin/consent/Event.h"
#include "plugin/consent/Policy.h"
#include "plugin/crypto/Handle.h"

namespace souffleur::slip {

/// How the customer takes it back: 128 random bits, made before the act is recorded. Its hash goes
/// into Act::withdrawHandleHash (lower-case hex); the handle itself only onto the paper and is then
/// forgotten.
std::string handleHashHex(const crypto::Handle& handle);
/// The address in the QR code: `withdrawUrl` + "#" + slipCode without hyphens. In the fragment: a
/// browser never sends it, so no log, proxy or Referer holds it; the page posts it after the person
/// has pressed the button (GET never acts).
std::string withdrawLink(const std::string& withdrawUrl, const crypto::Handle& handle);

/// How wide the paper is, in columns of font A: 48 or 42 (80 mm), 32 (58 mm). 24..64.
struct Layout {
    int columns = 42;
};

/// The (purpose, channel) of every yes that does not count yet, because a withdrawal or an
/// objection stands that only the person's own hand can lift (DESIGN 4, rule 5).
using OwnHand = std::set<std::pair<consent::Token, consent::Token>>;

/// The languages of slips: nl ca es ru en de fr. Another one falls back to the house's, then en.
std::vector<std::string> slipLanguages();

/// Does the act leave anything that could be taken back? "Not now" does not: no handle is made for
/// it and no code printed.
bool leavesSomething(const consent::Act& act);

/// `event` holds an Act that leaves something, its withdrawHandleHash the hash of `handle`; or one
/// that does not, and then `handle` is not looked at and the slip has no code. Nothing personal
/// gets on the paper: no name, no address. Errors: invalid (no act, no choices, another handle's
/// hash, a withdraw address that is none).
Result<escpos::Document> slipDocument(const consent::Event& event, const consent::Policy& policy,
                                      const crypto::Handle& handle, const std::string& language,
                                      Layout layout = {}, const OwnHand& ownHand = {});

/// The slip's text at `columns`, wrapped as a printer would, for screens, logs of tests and
/// goldens: "[qr …]" stands for the code.
std::vector<std::string> slipText(const escpos::Document& document, int columns);

} // namespace souffleur::slip
