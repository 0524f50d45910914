namespace Kybernet.Kubelet.Plugins;

/// <summary>What a plugin says of itself.</summary>
/// <param name="Name">Its name, which no other plugin of its type has.</param>
/// <param name="Endpoint">The socket at which it serves.</param>
/// <param name="Versions">The versions of its type's interface that it speaks.</param>
internal sealed record PluginIdentity(string Name, string Endpoint, IReadOnlyList<string> Versions);
