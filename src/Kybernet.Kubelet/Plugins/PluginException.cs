namespace Kybernet.Kubelet.Plugins;

/// <summary>Thrown where a plugin cannot be taken; it is told why.</summary>
internal sealed class PluginException(string message, Exception? inner = null) : Exception(message, inner);
