namespace Kybernet.Testing.Waiting;

/// <summary>Thrown when what a test waited for did not come about in time. The message shows the object, its events, who owns its fields, and the last requests.</summary>
public sealed class WaitTimeoutException(string message, Exception? inner = null) : Exception(message, inner);
