using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>
/// Who has which cluster address, as IPAddress objects tell, which are made before the Service is stored: of several servers that give out the same address
/// at once, the store lets one make its object. What a server leaves behind when it ends in between, the controller of IPAddresses removes.
/// </summary>
internal sealed class AddressReservations(ObjectStorage storage, EndpointRegistry endpoints, TimeProvider time)
{
    private static readonly GroupVersionResource Resource = new("networking.k8s.io", "v1", "ipaddresses");

    private readonly ResourceCache _known = endpoints.Cache(Resource.GroupResource);

    /// <summary>Whether nobody has an address, as far as this server has heard.</summary>
    public bool SeemsFree(string address) => _known.Find("", address) is null;

    /// <summary>Reserves an address for a Service; what the Service's name has reserved already stays reserved.</summary>
    /// <returns>Whether it is the Service's now.</returns>
    public async Task<bool> TryTakeAsync(string address, NamespacedName service, WriteFollowUps followUps, CancellationToken cancellationToken)
    {
        var reservation = EncodedObject.From(For(address, service));
        var endpoint = endpoints.Find(Resource)!;
        if (await storage.CreateAsync(endpoint, reservation, cancellationToken) is { } made)
        {
            followUps.Add((end, token) => end == WriteEnd.Refused ? storage.DeleteAsync(endpoint, made, token) : Task.CompletedTask);
            return true;
        }
        // One that an earlier attempt left behind is made anew, so that nobody takes it for forgotten. Another server may be at that attempt right now:
        // whichever of the two fails gives nothing back.
        return Of(address, service) is { } own && await storage.UpdateAsync(endpoint, reservation, own, cancellationToken) is not null;
    }

    /// <summary>Gives an address back when the Service that has it is stored without it.</summary>
    public void ReleaseAfter(string address, NamespacedName service, WriteFollowUps followUps, bool onlyWhenGone)
    {
        // As it is before the write: what is reserved for a new Service of that name is another revision, and stays.
        if (Of(address, service) is { } own)
        {
            followUps.Add((end, token) => end == WriteEnd.Gone || (end == WriteEnd.Stored && !onlyWhenGone)
                ? storage.DeleteAsync(endpoints.Find(Resource)!, own, token)
                : Task.CompletedTask);
        }
    }

    private EncodedObject? Of(string address, NamespacedName service) =>
        _known.Find("", address) is { } known && known.As<IPAddress>().Spec.ParentRef is { Resource: "services" } parent && (parent.Group ?? "").Length == 0
            && parent.Namespace == service.Namespace && parent.Name == service.Name
            ? known
            : null;

    private IPAddress For(string address, NamespacedName service) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = address,
            Uid = Guid.NewGuid().ToString(),
            CreationTimestamp = time.GetUtcNow(),
            Labels = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ipaddress.kubernetes.io/managed-by"] = "ipallocator.k8s.io",
                ["ipaddress.kubernetes.io/ip-family"] = address.Contains(':') ? "IPv6" : "IPv4",
            },
        },
        Spec = new IPAddressSpec { ParentRef = new ParentReference { Group = "", Resource = "services", Namespace = service.Namespace, Name = service.Name } },
    };
}
