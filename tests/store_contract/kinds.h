#pragma once

#include "contract.h"

namespace latchkey::store_contract {

/// Every implementation that the contract holds for.
std::vector<Kind> every_kind();

}  // namespace latchkey::store_contract

/// Runs the tests of one file on every implementation.
#define RUN_ON_EVERY_STORE(suite)                                                                  \
  INSTANTIATE_TEST_SUITE_P(On, suite, ::testing::ValuesIn(latchkey::store_contract::every_kind()), \
                           [](const auto& param) { return std::string(param.param.name); })
