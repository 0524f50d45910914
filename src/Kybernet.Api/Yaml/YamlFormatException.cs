namespace Kybernet.Api.Yaml;

/// <summary>A YAML text is malformed, or says something that JSON cannot.</summary>
public sealed class YamlFormatException(string message, Exception? innerException = null) : FormatException(message, innerException);
