// Runs a target over the files of its corpus, without a fuzzer: replay DIRECTORY...
// Each file is also cut short at many places and has single bits turned, so that a
// small corpus reaches the paths of refusal too.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.h"

namespace {

namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

constexpr std::size_t kCuts = 64;
constexpr std::size_t kFlips = 256;

Input read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Input(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// A copy of its own size: an overrun by one byte leaves the allocation.
void run(Input input) {
  input.shrink_to_fit();
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void run_variants(const Input& input) {
  run(input);
  for (std::size_t i = 0; i < std::min(kCuts, input.size()); ++i)
    run(Input(input.begin(),
              input.begin() + static_cast<std::ptrdiff_t>(i * input.size() / kCuts)));
  const std::size_t bits = input.size() * 8;
  for (std::size_t i = 0; i < std::min(kFlips, bits); ++i) {
    Input turned = input;
    const std::size_t bit = i * bits / std::min(kFlips, bits);
    turned[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    run(turned);
  }
}

}  // namespace

int main(int count, char** words) {
  std::size_t files = 0;
  for (int i = 1; i < count; ++i) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(words[i])) paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const auto& path : paths) run_variants(read(path));
    files += paths.size();
  }
  std::printf("%zu files\n", files);
  return files == 0 ? 1 : 0;
}
