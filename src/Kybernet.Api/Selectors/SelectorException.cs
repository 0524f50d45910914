namespace Kybernet.Api.Selectors;

/// <summary>A selector's text, or the model that it is made of, is malformed. The message is upstream's.</summary>
public sealed class SelectorException(string message) : FormatException(message);
