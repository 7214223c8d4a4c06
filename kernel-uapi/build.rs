//! Hands over the configuration and the generated bindings: the snapshot, or a tree that
//! `KERNEL_OBJTREE` names.

fn main() {
    kernel_config::emit_from("snapshot");
}
