// What an act says, in lines for a person at a terminal: no contact, no name.
#pragma once

#include "plugin/consent/Event.h"

namespace souffleur::cli {

/// Prints each choice with its wording, then how, by whom (a pseudonym) and where, to standard
/// output.
void printAct(const consent::Act& act);

/// The closing line of what a receipt or proof cannot prove. `unc`: as the event states it, ms.
void printNotProved(TimeMs unc);

} // namespace souffleur::cli
