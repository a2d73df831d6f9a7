#pragma once

#include "base/exit_code.h"

namespace latchkey::cli {

using latchkey::exit_code;

}  // namespace latchkey::cli
