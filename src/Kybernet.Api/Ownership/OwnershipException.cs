namespace Kybernet.Api.Ownership;

/// <summary>An object's lists cannot be owned item by item: an item has no keys, or two have the same.</summary>
/// <param name="message">What is wrong, and where.</param>
public sealed class OwnershipException(string message) : Exception(message);
