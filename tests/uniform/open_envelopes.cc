// Opens one envelope again and again while callgrind counts: open_envelopes SIZE TAIL. Inside are
// SIZE bytes, the beginning of a JSON text, that end in TAIL (hexadecimal) where the padding
// stands.
#include <valgrind/callgrind.h>

#include <cstdlib>
#include <iostream>

#include "crypto/cbc.h"
#include "dialects/tconnect/envelope.h"

namespace {

using latchkey::Bytes;
namespace tconnect = latchkey::dialects::tconnect;

constexpr int kTimes = 200;
const Bytes kKey(tconnect::kKeySize, 3);
const Bytes kIv(tconnect::kBlock, 7);

// The envelope of exactly these bytes, whatever they end in: the padding that is added goes off.
std::string envelope_of(const std::string& padded) {
  Bytes cipher = latchkey::crypto::encrypt_cbc(kKey, kIv, latchkey::bytes_of(padded));
  cipher.resize(padded.size());
  return R"({"data":")" + latchkey::to_hex(kIv) + latchkey::to_hex(cipher) + R"("})";
}

int open(const std::string& body) {
  int opened = 0;
  for (int i = 0; i < kTimes; ++i)
    opened += tconnect::open(kKey, tconnect::Iv::kPrepended, body).has_value() ? 1 : 0;
  return opened;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return EXIT_FAILURE;
  const auto size = static_cast<std::size_t>(std::atoi(words[1]));
  const auto tail = latchkey::parse_hex(words[2]);
  if (!tail || size < tconnect::kBlock || size % tconnect::kBlock != 0) return EXIT_FAILURE;
  std::string padded = R"({"a":")" + std::string(size, 'x');
  padded.replace(size - tail->size(), std::string::npos, latchkey::text_of(*tail));
  const std::string body = envelope_of(padded);

  open(body);  // what is made once is made
  CALLGRIND_START_INSTRUMENTATION;
  const int opened = open(body);
  CALLGRIND_STOP_INSTRUMENTATION;
  std::cout << opened << '\n';
  return EXIT_SUCCESS;
}
