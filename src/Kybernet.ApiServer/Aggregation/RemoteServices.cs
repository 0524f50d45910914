using System.Collections.Immutable;
using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Follows the APIServices, and knows which requests are another server's to answer.</summary>
internal sealed class RemoteServices : IObjectObserver, IDisposable
{
    private readonly IDisposable _subscription;
    private ImmutableDictionary<GroupVersion, RemoteService> _services = ImmutableDictionary<GroupVersion, RemoteService>.Empty;

    public RemoteServices(IObjectFeeds feeds) => _subscription = feeds.Of(new GroupResource(LocalServices.Group, "apiservices")).Subscribe(this);

    /// <summary>Whose a request is; null where it is this server's own.</summary>
    public RemoteService? Find(string path)
    {
        var services = Volatile.Read(ref _services);
        return services.IsEmpty ? null : path.Split('/') switch
        {
            ["", "apis", var @group, var version, ..] => services.GetValueOrDefault(new GroupVersion(@group, version)),
            ["", "api", var version, ..] => services.GetValueOrDefault(new GroupVersion("", version)),
            _ => null,
        };
    }

    /// <summary>What the server behind a Service serves.</summary>
    public IEnumerable<GroupVersion> Behind(NamespacedName service) =>
        from item in Volatile.Read(ref _services)
        where item.Value.Target.Service is { } place && place.Name == service.Name && place.Namespace == service.Namespace
        select item.Key;

    /// <inheritdoc/>
    public void OnChanged(EncodedObject item)
    {
        var version = LocalServices.VersionOf(item.Key.Name);
        // Whoever answered for the APIServices themselves could not be got rid of.
        var service = version.Group == LocalServices.Group ? null : RemoteService.Of(item.As<APIService>());
        Volatile.Write(ref _services, service is null ? _services.Remove(version) : _services.SetItem(version, service));
    }

    /// <inheritdoc/>
    public void OnDeleted(EncodedObject item) => Volatile.Write(ref _services, _services.Remove(LocalServices.VersionOf(item.Key.Name)));

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();
}
