internal import CSys

/// Memory that was freed, and that the allocator keeps for whoever asks next.
package enum FreedMemory {
    /// Gives it back to the system. Worth some milliseconds after work that is not done again, as loading a model is: what
    /// that leaves behind would stay in the process for good.
    package static func giveBack() { csys_give_back_memory() }
}
