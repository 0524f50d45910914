using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.ServiceAddresses;

/// <summary>
/// Repairs the IPAddresses of Services' cluster addresses. A server makes one before the Service that it is for, and deletes it after; what a server that
/// ended in between, or somebody's hand, has left wrong is put right here. Its key is an address.
/// </summary>
internal sealed class IPAddressReconciler(
    ApiClient client, ILister<Service> services, ILister<IPAddress> addresses, ILister<ServiceCIDR> ranges, IEventRecorder events, TimeProvider time) : IReconciler
{
    public const string ManagedByLabel = "ipaddress.kubernetes.io/managed-by";
    public const string Manager = "ipallocator.k8s.io";

    /// <summary>As upstream: so long a Service may be on its way after its address was reserved, for no request lasts longer.</summary>
    private static readonly TimeSpan ReservationGrace = TimeSpan.FromSeconds(60);

    private const string FamilyLabel = "ipaddress.kubernetes.io/ip-family";
    private const string AddressIndex = "cluster-address";

    public static void AddIndex(IInformer<Service> services) => services.AddIndex(AddressIndex, Of);

    /// <summary>The cluster addresses of a Service, in the form in which IPAddresses are named.</summary>
    public static IEnumerable<string> Of(Service service)
    {
        foreach (var text in service.Spec.ClusterIPs)
        {
            if (System.Net.IPAddress.TryParse(text, out var address))
            {
                yield return address.ToString();
            }
        }
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var known = addresses.Get(key);
        var owners = services.ByIndex(AddressIndex, key.Name).OrderBy(static owner => owner.Metadata.CreationTimestamp).ThenBy(static owner => owner.Metadata.Uid, StringComparer.Ordinal).ToList();
        if (owners.Count == 0)
        {
            if (known?.Metadata.Labels.GetValueOrDefault(ManagedByLabel) == Manager)
            {
                if (known.Metadata.CreationTimestamp + ReservationGrace - time.GetUtcNow() is { } left && left > TimeSpan.Zero)
                {
                    return Requeue.In(left);
                }
                await client.DeleteAsync<IPAddress>("", key.Name, DeleteOptions.Empty, cancellationToken);
            }
            return Requeue.OnChange;
        }
        Complain(key.Name, owners);
        var wanted = ObjectFor(key.Name, owners[0]);
        if (known is not null && !IsRight(known, wanted))
        {
            var owner = wanted.Spec.ParentRef;
            events.Record(
                owners[0],
                EventType.Warning,
                "ClusterIPNotAllocated",
                $"the ClusterIP [{FamilyOf(key.Name)}]: {key.Name} for Service {owner.Namespace}/{owner.Name} has a wrong reference; repairing");
            await client.DeleteAsync<IPAddress>("", key.Name, DeleteOptions.Empty, cancellationToken); // what it refers to cannot be changed
            return Requeue.OnChange; // its going wakes us, and then there is none
        }
        if (known is null)
        {
            await client.CreateAsync(wanted, cancellationToken);
        }
        return Requeue.OnChange;
    }

    private void Complain(string address, List<Service> owners)
    {
        if (System.Net.IPAddress.TryParse(address, out var parsed) && ranges.List().Count > 0 && !ranges.Containing(parsed).Any())
        {
            events.Record(
                owners[0],
                EventType.Warning,
                "ClusterIPOutOfRange",
                $"Cluster IP [{FamilyOf(address)}]: {address} is not within any configured Service CIDR; please recreate service");
        }
        foreach (var late in owners.Skip(1))
        {
            events.Record(
                late,
                EventType.Warning,
                "ClusterIPAlreadyAllocated",
                $"Cluster IP [{FamilyOf(address)}]:{address} was assigned to multiple services; please recreate service");
        }
    }

    private static bool IsRight(IPAddress known, IPAddress wanted)
    {
        var (actual, expected) = (known.Spec.ParentRef, wanted.Spec.ParentRef);
        return (actual.Group ?? "") == (expected.Group ?? "")
            && (actual.Resource, actual.Namespace, actual.Name) == (expected.Resource, expected.Namespace, expected.Name)
            && wanted.Metadata.Labels.All(label => known.Metadata.Labels.GetValueOrDefault(label.Key) == label.Value);
    }

    private static string FamilyOf(string address) => address.Contains(':') ? "IPv6" : "IPv4";

    private static IPAddress ObjectFor(string address, Service owner) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = address,
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { [ManagedByLabel] = Manager, [FamilyLabel] = FamilyOf(address) },
        },
        Spec = new IPAddressSpec
        {
            ParentRef = new ParentReference { Group = "", Resource = "services", Namespace = owner.Metadata.Namespace, Name = owner.Metadata.Name ?? "" },
        },
    };
}
