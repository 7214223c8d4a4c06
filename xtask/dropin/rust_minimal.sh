# SPDX-License-Identifier: GPL-2.0
load rust_minimal
check "the parameter has its default" logged 'rust_minimal: test_parameter: 1'
check "it knows that it is a module" logged 'rust_minimal: Am I built-in? false'
unload rust_minimal
check "it kept its numbers" logged 'rust_minimal: My numbers are [72, 108, 200]'
load rust_minimal test_parameter=-9000000000
check "the parameter is taken" logged 'rust_minimal: test_parameter: -9000000000'
unload rust_minimal
refused "a parameter that is no number is refused" insmod /modules/rust_minimal.ko test_parameter=x
summary "loaded twice; numbers and parameter as they should be"
