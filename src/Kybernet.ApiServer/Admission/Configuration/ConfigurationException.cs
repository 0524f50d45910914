namespace Kybernet.ApiServer.Admission.Configuration;

/// <summary>Something that the server was told at its start cannot be meant so.</summary>
/// <param name="message">What, in words for whoever starts it.</param>
/// <param name="cause">What was found first, if anything.</param>
public sealed class ConfigurationException(string message, Exception? cause = null) : FormatException(message, cause);
