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

/// <summary>All controllers, by the names that kube-controller-manager's <c>--controllers</c> knows them by. Some come together here.</summary>
internal static class ControllerSet
{
    private static readonly (string[] Names, Action<ControllerContext> Add)[] All =
    [
        (["replicaset-controller", "replicationcontroller-controller"], ReplicaSetController.Add),
        (["deployment-controller"], DeploymentController.Add),
        (["statefulset-controller"], StatefulSetController.Add),
        (["daemonset-controller"], DaemonSetController.Add),
        (["job-controller"], JobController.Add),
        (["cronjob-controller"], CronJobController.Add),
        (["ttl-after-finished-controller"], TtlAfterFinishedController.Add),
        (["disruption-controller"], DisruptionController.Add),
        (["horizontal-pod-autoscaler-controller"], AutoscalerController.Add),
        (["resourcequota-controller"], ResourceQuotaController.Add),
        (["namespace-controller"], NamespaceController.Add),
        (["serviceaccount-controller"], ServiceAccountController.Add),
        (["root-ca-certificate-publisher-controller"], RootCertificatePublisher.Add),
        (["node-lifecycle-controller"], NodeLifecycleController.Add),
        (["taint-eviction-controller"], TaintEvictionController.Add),
        (["pod-garbage-collector-controller"], PodGarbageCollector.Add),
        (["garbage-collector-controller"], GarbageCollector.Add),
        (["endpoints-controller", "endpointslice-controller", "endpointslice-mirroring-controller"], EndpointsControllers.Add),
        (["service-lb-controller"], LoadBalancerController.Add),
        (["service-cidr-controller"], ServiceAddressControllers.Add),
        (["node-ipam-controller"], NodeNetworkReconciler.Add),
        (["certificatesigningrequest-signing-controller", "certificatesigningrequest-approving-controller", "certificatesigningrequest-cleaner-controller"],
            CertificateControllers.Add),
        (["bootstrap-signer-controller", "token-cleaner-controller"], BootstrapTokenControllers.Add),
        (["validatingadmissionpolicy-status-controller"], PolicyStatusController.Add),
        (["persistentvolume-binder-controller"], PersistentVolumeBinder.Add),
        (["persistentvolumeclaim-protection-controller", "persistentvolume-protection-controller"], VolumeProtectionControllers.Add),
        (["ephemeral-volume-controller"], EphemeralVolumeController.Add),
        (["local-path-provisioner"], LocalPathProvisioner.Add),
    ];

    /// <summary>Adds those that are asked for.</summary>
    public static void Add(ControllerContext context)
    {
        foreach (var (names, add) in All)
        {
            if (Array.Exists(names, name => IsEnabled(name, context.Options.Controllers)))
            {
                add(context);
            }
        }
    }

    // As upstream: what is named counts, with a minus against it; the star stands for what is not named.
    private static bool IsEnabled(string name, IReadOnlyList<string> controllers) =>
        controllers.Contains(name) || (!controllers.Contains($"-{name}") && controllers.Contains("*"));
}
