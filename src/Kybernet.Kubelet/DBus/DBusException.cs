namespace Kybernet.Kubelet.DBus;

/// <summary>The bus, or whom it was asked to call, refused, or cannot be understood.</summary>
internal sealed class DBusException(string message) : Exception(message);
