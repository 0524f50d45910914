using Kybernet.Api;

namespace Kybernet.ApiServer.FlowControl;

/// <summary>The resources that configure flow control.</summary>
internal static class FlowControlResources
{
    public const string Group = "flowcontrol.apiserver.k8s.io";

    public static readonly GroupResource Schemas = new(Group, "flowschemas");
    public static readonly GroupResource Levels = new(Group, "prioritylevelconfigurations");
}
