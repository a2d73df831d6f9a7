#include "cli/doctor.h"

#include <gtest/gtest.h>

#include "cli/exit_code.h"

namespace latchkey::cli {
namespace {

Finding found(Level level, int code) { return {"x", level, "", "", code}; }

TEST(TheDoctor, IsAsWorriedAsTheWorstFinding) {
  using Findings = std::vector<Finding>;
  const std::pair<Findings, int> rows[] = {
      {{}, kOk},
      {{found(Level::kOk, kOk)}, kOk},
      {{found(Level::kWarn, kOk)}, kOk},
      {{found(Level::kBad, kNeedsPerson), found(Level::kOk, kOk)}, kNeedsPerson},
      {{found(Level::kBad, kNeedsPerson), found(Level::kBad, kTryLater)}, kTryLater},
      {{found(Level::kBad, kTryLater), found(Level::kBad, kStoreBroken)}, kStoreBroken},
      {{found(Level::kBad, kStoreBroken), found(Level::kBad, kNeedsPerson)}, kStoreBroken},
      {{found(Level::kBad, kUsageError)}, kUsageError},
      {{found(Level::kBad, kUsageError), found(Level::kBad, kNeedsPerson)}, kNeedsPerson},
      {{found(Level::kBad, kDenied)}, kDenied}};
  for (const auto& [findings, code] : rows) EXPECT_EQ(verdict(findings), code);
}

}  // namespace
}  // namespace latchkey::cli
