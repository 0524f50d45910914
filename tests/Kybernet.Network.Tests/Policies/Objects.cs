using System.Text;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Networking.V1;

namespace Kybernet.Network.Tests.Policies;

/// <summary>Makes the objects that policies are about.</summary>
internal static class Objects
{
    public const string Node = "node";

    /// <summary>A pod of a label <c>pod</c> with its name, and a container port <c>serve</c>.</summary>
    public static Pod Pod(string name, string address, int servePort = 80, string node = Node, string phase = "Running", bool hostNetwork = false)
    {
        var (ns, pod) = (name.Split('/')[0], name.Split('/')[1]);
        return new Pod
        {
            Metadata = new ObjectMeta { Namespace = ns, Name = pod, Uid = $"{name}-uid", Labels = new Dictionary<string, string> { ["pod"] = pod } },
            Spec = new PodSpec
            {
                NodeName = node,
                HostNetwork = hostNetwork ? true : null,
                Containers =
                [
                    new Container
                    {
                        Name = "main",
                        Ports =
                        [
                            new ContainerPort { Name = "serve", ContainerPortValue = servePort, Protocol = "TCP" },
                            new ContainerPort { Name = "ask", ContainerPortValue = servePort, Protocol = "UDP" },
                        ],
                    },
                ],
            },
            Status = new PodStatus { Phase = phase, PodIP = address, PodIPs = address.Length == 0 ? [] : [new PodIP { Ip = address }] },
        };
    }

    /// <summary>A policy of a name, with a specification in JSON.</summary>
    public static NetworkPolicy Policy(string name, string spec) =>
        ModelJson.Parse<NetworkPolicy>(Encoding.UTF8.GetBytes(
            $$"""{"metadata":{"namespace":"{{name.Split('/')[0]}}","name":"{{name.Split('/')[1]}}"},"spec":{{spec}}}"""));

    /// <summary>The labels of a namespace: its name, as the API server writes it, and <c>ns</c>.</summary>
    public static Dictionary<string, string> LabelsOf(string ns) => new() { ["kubernetes.io/metadata.name"] = ns, ["ns"] = ns };
}
