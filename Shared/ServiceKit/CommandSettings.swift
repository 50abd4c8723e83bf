import Foundation

extension ConfigurationFile {
    /// The file that was named, which must be there, or the one in its usual place, which need not.
    public static func find(
        _ flags: ConfigurationFlags, _ environment: [String: String], fileExists: (String) -> Bool
    ) throws(ConfigurationError) -> ConfigurationFile? {
        let places = StandardPlaces(environment: environment)
        if let named = flags.configPath ?? environment["COLLOQUY_CONFIG"] {
            return try ConfigurationFile(path: places.expand(named))
        }
        let usual = places.configurationFile
        return fileExists(usual) ? try ConfigurationFile(path: usual) : nil
    }
}

extension ServiceSettings {
    /// The settings of a command for people, which is no service but must agree with them about every place.
    public init(flags: ConfigurationFlags, environment: [String: String]) throws(ConfigurationError) {
        var reader = try ConfigurationReader(
            service: "command", shared: Self.keys, own: [], flags: flags, environment: environment,
            file: ConfigurationFile.find(
                flags, environment, fileExists: FileManager.default.fileExists(atPath:)))
        try self.init(&reader)
    }
}
