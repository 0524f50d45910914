namespace Kybernet.Kubelet.Plugins;

/// <summary>Deals with the plugins of one type.</summary>
internal interface IPluginHandler
{
    /// <summary>The type as plugins spell it.</summary>
    string Type { get; }

    /// <summary>Whether a plugin could be registered.</summary>
    /// <exception cref="PluginException">It could not.</exception>
    void Validate(PluginIdentity plugin);

    /// <summary>Takes a plugin, also in place of one of its name.</summary>
    /// <exception cref="PluginException">It cannot be taken.</exception>
    Task RegisterAsync(PluginIdentity plugin, CancellationToken cancellationToken);

    /// <summary>Lets go of a plugin whose socket is gone.</summary>
    /// <exception cref="PluginException">Not now.</exception>
    Task DeregisterAsync(PluginIdentity plugin, CancellationToken cancellationToken);
}
