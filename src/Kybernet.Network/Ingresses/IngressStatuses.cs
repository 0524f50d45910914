using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;
using Kybernet.Network.Ingresses.Proxying;
using IPAddress = System.Net.IPAddress;

namespace Kybernet.Network.Ingresses;

/// <summary>Tells in each Ingress' status where it is reached.</summary>
/// <param name="client">The API server.</param>
/// <param name="ingresses">The Ingresses.</param>
/// <param name="classes">Which of them are ours.</param>
/// <param name="address">Where they are reached.</param>
/// <param name="ports">At which ports.</param>
internal sealed class IngressStatuses(
    ApiClient client, ILister<Ingress> ingresses, IngressClasses classes, IPAddress address, ProxyPorts ports) : IReconciler
{
    private readonly IngressLoadBalancerStatus _wanted = new()
    {
        Ingress =
        [
            new IngressLoadBalancerIngress
            {
                Ip = address.ToString(),
                Ports = [new IngressPortStatus { Port = ports.Http, Protocol = "TCP" }, new IngressPortStatus { Port = ports.Https, Protocol = "TCP" }],
            },
        ],
    };

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (ingresses.Get(key) is { Metadata.DeletionTimestamp: null } ingress && classes.IsOurs(ingress)
            && !(ingress.Status.LoadBalancer is { } known && ModelJson.Same(known, _wanted)))
        {
            await client.UpdateStatusAsync(ingress with { Status = ingress.Status with { LoadBalancer = _wanted } }, cancellationToken);
        }
        return Requeue.OnChange;
    }
}
