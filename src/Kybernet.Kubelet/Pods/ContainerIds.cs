using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Pods;

/// <summary>How the API names instances of containers.</summary>
internal static class ContainerIds
{
    public static string Of(ContainerRecord instance) => "containerd://" + instance.Id;
}
