public import LanguageModel
public import ServiceKit

extension WeightPrecision {
    /// Bytes of weights, as they are stored, up to which `auto` leaves them so: so few are read fast enough from memory, or
    /// stay in the processor's caches.
    static let autoStoredBytesMax = 200 << 20

    /// What a setting means for a model. This is the one place that says what `auto` is: weights as they are stored for a
    /// small model, 8 bits for a larger one.
    ///
    /// - Parameter storedBytes: Of the language model's weights.
    public init(_ wanted: ServiceSettings.Precision, storedBytes: Int) {
        self =
            switch wanted {
            case .auto: storedBytes <= Self.autoStoredBytesMax ? .stored : .int8
            case .stored: .stored
            case .bf16: .bf16
            case .int8: .int8
            case .int4: .int4
            }
    }
}
