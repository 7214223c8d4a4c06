//! Hands this crate the kernel configuration that the bindings were made under.

fn main() {
    kernel_config::emit();
}
