using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;
using Yarp.ReverseProxy.Forwarder;

namespace Kybernet.Network.Ingresses.Backends;

/// <summary>
/// The backends that Ingresses name, kept as Services and EndpointSlices are. A route holds its backend; a backend that no route holds any more goes with
/// the next change of its Service.
/// </summary>
internal sealed class BackendSet(ILister<Service> services, ILister<EndpointSlice> slices)
{
    /// <summary>The index that the slices must have: by their Service.</summary>
    public const string ServiceIndex = "ingress-service";

    private const string ServiceLabel = "kubernetes.io/service-name";

    private readonly Dictionary<NamespacedName, Dictionary<BackendKey, WeakReference<Backend>>> _backends = [];
    private readonly Lock _gate = new();

    /// <summary>The Service whose slice it is.</summary>
    public static NamespacedName? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(ServiceLabel, out var name) ? new NamespacedName(slice.Metadata.Namespace ?? "", name) : null;

    /// <summary>The backend of a Service's port, whether there is such a Service yet or not.</summary>
    public Backend Get(BackendKey key)
    {
        lock (_gate)
        {
            if (!_backends.TryGetValue(key.Service, out var ports))
            {
                _backends.Add(key.Service, ports = []);
            }
            if (!ports.TryGetValue(key, out var reference) || !reference.TryGetTarget(out var backend))
            {
                backend = new Backend { State = Resolve(key) };
                ports[key] = new WeakReference<Backend>(backend);
            }
            return backend;
        }
    }

    /// <summary>A Service or its endpoints changed.</summary>
    public void Refresh(NamespacedName service)
    {
        lock (_gate)
        {
            if (!_backends.TryGetValue(service, out var ports))
            {
                return;
            }
            foreach (var (key, reference) in ports)
            {
                if (reference.TryGetTarget(out var backend))
                {
                    backend.State = Resolve(key);
                }
                else
                {
                    ports.Remove(key);
                }
            }
        }
    }

    private BackendState Resolve(BackendKey key)
    {
        if (services.Get(key.Service) is not { } service)
        {
            return BackendState.None;
        }
        if (service.Spec.Type == "ExternalName")
        {
            return key.PortNumber == 0
                ? BackendState.None
                : new BackendState([string.Create(CultureInfo.InvariantCulture, $"http://{service.Spec.ExternalName}:{key.PortNumber}")], BackendState.Http1);
        }
        foreach (var port in service.Spec.Ports)
        {
            if (key.PortName.Length > 0 ? port.Name == key.PortName : port.Port == key.PortNumber)
            {
                var (scheme, request) = ProtocolOf(port);
                return new BackendState(EndpointsOf(key.Service, port.Name ?? "", scheme), request);
            }
        }
        return BackendState.None;
    }

    private static (string Scheme, ForwarderRequestConfig Request) ProtocolOf(ServicePort port) => port.AppProtocol?.ToLowerInvariant() switch
    {
        "kubernetes.io/h2c" or "grpc" or "h2c" => ("http", BackendState.Http2),
        "https" or "kubernetes.io/wss" or "grpcs" => ("https", BackendState.Https),
        _ => ("http", BackendState.Http1),
    };

    private List<string> EndpointsOf(NamespacedName service, string portName, string scheme)
    {
        var found = new List<string>();
        foreach (var slice in slices.ByIndex(ServiceIndex, service.ToString()))
        {
            if (slice.AddressType == "FQDN" || slice.Ports.FirstOrDefault(port => (port.Name ?? "") == portName)?.Port is not { } number)
            {
                continue;
            }
            foreach (var endpoint in slice.Endpoints)
            {
                if (endpoint.Conditions?.Ready != false && endpoint.Addresses is [var address, ..])
                {
                    var host = address.Contains(':') ? $"[{address}]" : address;
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{number}"));
                }
            }
        }
        return found;
    }
}
