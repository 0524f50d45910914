using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Streaming.Proxying;

/// <summary>Finds where the pods, Services and nodes that requests are proxied to answer.</summary>
/// <param name="feeds">Where objects are looked up.</param>
/// <param name="kubelets">The way to kubelets.</param>
/// <param name="backends">The way to everything else: it proves nothing, and believes every certificate, as nobody knows who signed it.</param>
internal sealed class ProxyLocator(IObjectFeeds feeds, KubeletConnections kubelets, HttpMessageInvoker backends)
{
    private static readonly GroupResource Services = new("", "services");

    private readonly IObjectFeed _pods = feeds.Of(RbacResources.Pods);
    private readonly IObjectFeed _services = feeds.Of(Services);
    private readonly IObjectFeed _endpoints = feeds.Of(new GroupResource("", "endpoints"));

    /// <summary>Finds the target of a request.</summary>
    /// <exception cref="ApiError">There is none.</exception>
    public ProxyTarget Find(RequestInfo info)
    {
        var kind = info.Resource[..^1];
        var name = ProxyName.Parse(info.Name) ?? throw ApiError.BadRequest($"invalid {kind} request \"{info.Name}\"");
        return kind switch
        {
            "pod" => OfPod(info.Namespace, name),
            "service" => OfService(info, name),
            _ => OfNode(name),
        };
    }

    private ProxyTarget OfPod(string @namespace, ProxyName name)
    {
        var pod = _pods.Find(@namespace, name.Name)?.As<Pod>() ?? throw ApiError.NotFound(RbacResources.Pods, name.Name);
        var port = name.Port.Length > 0 ? name.Port
            : pod.Spec.Containers.SelectMany(static container => container.Ports).FirstOrDefault() is { } first ? Number(first.ContainerPortValue) : "";
        return Backend(name.Scheme, Proxyable(pod.Status.PodIP ?? ""), port);
    }

    private ProxyTarget OfService(RequestInfo info, ProxyName name)
    {
        var portName = name.Port;
        if (int.TryParse(name.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var service = _services.Find(info.Namespace, name.Name)?.As<Service>() ?? throw ApiError.NotFound(Services, name.Name);
            var port = service.Spec.Ports.FirstOrDefault(port => port.Port == number)
                ?? throw ApiError.Unavailable($"no service port {Number(number)} found for service \"{name.Name}\"");
            portName = port.Name ?? "";
        }
        var endpoints = _endpoints.Find(info.Namespace, name.Name)?.As<Endpoints>()
            ?? throw ApiError.NotFound(new GroupResource("", "endpoints"), name.Name);
        var ready = endpoints.Subsets
            .Select(subset => (subset.Addresses, Port: subset.Ports.FirstOrDefault(port => (port.Name ?? "") == portName)))
            .Where(static subset => subset.Port is not null)
            .SelectMany(subset => subset.Addresses.Where(address => IsOfPod(info.Namespace, address)).Select(address => (address.Ip, subset.Port!.Port)))
            .ToArray();
        if (ready.Length == 0)
        {
            var what = endpoints.Subsets.Count == 0 ? name.Name : info.Name;
            throw ApiError.Unavailable($"no endpoints available for service \"{what}\"");
        }
        var (ip, target) = ready[Random.Shared.Next(ready.Length)];
        return Backend(name.Scheme, Proxyable(ip), Number(target));
    }

    private ProxyTarget OfNode(ProxyName name)
    {
        var kubelet = kubelets.AddressOf(name.Name);
        return name.Port.Length == 0 || name.Port == Number(kubelet.Port)
            ? new ProxyTarget(kubelet.GetLeftPart(UriPartial.Authority), kubelets.Verified)
            : Backend(name.Scheme, Proxyable(kubelet.DnsSafeHost), name.Port);
    }

    /// <summary>Whoever can write Endpoints must not be able to send the server's requests anywhere but to pods.</summary>
    private bool IsOfPod(string @namespace, EndpointAddress address) =>
        address.TargetRef is { Kind: "Pod" } target
        && target.Namespace == @namespace
        && _pods.Find(@namespace, target.Name ?? "")?.As<Pod>() is { } pod
        && pod.Status.PodIPs.Any(ip => ip.Ip == address.Ip);

    private ProxyTarget Backend(string scheme, string host, string port)
    {
        if (port.Length > 0 && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw ApiError.Unavailable($"error trying to reach service: unknown port {port}");
        }
        var address = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return new ProxyTarget($"{scheme}://{address}{(port.Length > 0 ? $":{port}" : "")}", backends);
    }

    /// <summary>The server's own host and its link are nobody's to reach through it.</summary>
    private static string Proxyable(string host)
    {
        var isAddress = IPAddress.TryParse(host, out var ip);
        var isOwn = isAddress
            ? IPAddress.IsLoopback(ip!) || ip!.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || IsLinkLocal(ip)
            : host is "" or "localhost";
        return isOwn ? throw ApiError.BadRequest("address not allowed") : host;
    }

    private static bool IsLinkLocal(IPAddress ip) => ip.AddressFamily == AddressFamily.InterNetwork
        ? ip.GetAddressBytes() is [169, 254, ..] or [224, 0, 0, _]
        : ip.IsIPv6LinkLocal || ip.GetAddressBytes() is [0xff, 0x01 or 0x02, ..];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
