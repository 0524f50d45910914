using Kybernet.Controllers.Deployments;
using Kybernet.Controllers.ReplicaSets;

namespace Kybernet.Controllers;

/// <summary>All controllers.</summary>
internal static class ControllerSet
{
    public static void AddAll(ControllerContext context)
    {
        ReplicaSetController.Add(context);
        DeploymentController.Add(context);
    }
}
