using Kybernet.Controllers.AdmissionPolicies;
using Kybernet.Controllers.BootstrapTokens;
using Kybernet.Controllers.Certificates;
using Kybernet.Controllers.CronJobs;
using Kybernet.Controllers.DaemonSets;
using Kybernet.Controllers.Deployments;
using Kybernet.Controllers.Disruption;
using Kybernet.Controllers.Endpoints;
using Kybernet.Controllers.EphemeralVolumes;
using Kybernet.Controllers.GarbageCollection;
using Kybernet.Controllers.HorizontalPodAutoscalers;
using Kybernet.Controllers.Jobs;
using Kybernet.Controllers.LoadBalancers;
using Kybernet.Controllers.LocalPath;
using Kybernet.Controllers.Namespaces;
using Kybernet.Controllers.NodeNetworks;
using Kybernet.Controllers.Nodes;
using Kybernet.Controllers.PersistentVolumes;
using Kybernet.Controllers.PodGarbage;
using Kybernet.Controllers.ReplicaSets;
using Kybernet.Controllers.ResourceQuotas;
using Kybernet.Controllers.RootCertificates;
using Kybernet.Controllers.ServiceAccounts;
using Kybernet.Controllers.ServiceAddresses;
using Kybernet.Controllers.StatefulSets;
using Kybernet.Controllers.TtlAfterFinished;
using Kybernet.Controllers.VolumeProtection;

namespace Kybernet.Controllers;

/// <summary>All controllers.</summary>
internal static class ControllerSet
{
    public static void AddAll(ControllerContext context)
    {
        ReplicaSetController.Add(context);
        DeploymentController.Add(context);
        StatefulSetController.Add(context);
        DaemonSetController.Add(context);
        JobController.Add(context);
        CronJobController.Add(context);
        TtlAfterFinishedController.Add(context);
        DisruptionController.Add(context);
        AutoscalerController.Add(context);
        ResourceQuotaController.Add(context);
        NamespaceController.Add(context);
        ServiceAccountController.Add(context);
        RootCertificatePublisher.Add(context);
        NodeLifecycleController.Add(context);
        TaintEvictionController.Add(context);
        PodGarbageCollector.Add(context);
        GarbageCollector.Add(context);
        EndpointsControllers.Add(context);
        LoadBalancerController.Add(context);
        ServiceAddressControllers.Add(context);
        NodeNetworkReconciler.Add(context);
        CertificateControllers.Add(context);
        BootstrapTokenControllers.Add(context);
        PolicyStatusController.Add(context);
        PersistentVolumeBinder.Add(context);
        VolumeProtectionControllers.Add(context);
        EphemeralVolumeController.Add(context);
        LocalPathProvisioner.Add(context);
    }
}
