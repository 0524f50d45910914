using System.Collections.Frozen;
using Kybernet.Api;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Resources.Apps;
using Kybernet.ApiServer.Resources.Autoscaling;
using Kybernet.ApiServer.Resources.Batch;
using Kybernet.ApiServer.Resources.Coordination;
using Kybernet.ApiServer.Resources.Core;
using Kybernet.ApiServer.Resources.Devices;
using Kybernet.ApiServer.Resources.Discovery;
using Kybernet.ApiServer.Resources.Events;
using Kybernet.ApiServer.Resources.Extensions;
using Kybernet.ApiServer.Resources.Extensions.Admission;
using Kybernet.ApiServer.Resources.Networking;
using Kybernet.ApiServer.Resources.Policy;
using Kybernet.ApiServer.Resources.Rbac;
using Kybernet.ApiServer.Resources.Scheduling;
using Kybernet.ApiServer.Resources.Storage;

namespace Kybernet.ApiServer.Resources;

/// <summary>Which strategy a resource has. Custom resources, and kinds that have nothing particular to them, share a <see cref="DefaultStrategy"/>.</summary>
public sealed class StrategyRegistry
{
    private const string AdmissionGroup = "admissionregistration.k8s.io";
    private const string DeviceGroup = "resource.k8s.io";
    private const string FlowGroup = "flowcontrol.apiserver.k8s.io";
    private const string NetworkingGroup = "networking.k8s.io";
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const string StorageGroup = "storage.k8s.io";

    private readonly DefaultStrategy _default = new();
    private readonly FrozenDictionary<GroupResource, ResourceStrategy> _strategies;

    /// <summary>The strategies of the built-in resources.</summary>
    public StrategyRegistry()
    {
        var strategies = new Dictionary<GroupResource, ResourceStrategy>();
        AddCore(strategies);
        AddWorkloads(strategies);
        AddNetworking(strategies);
        AddStorage(strategies);
        AddRoles(strategies);
        AddDevices(strategies);
        AddExtensions(strategies);
        _strategies = strategies.ToFrozenDictionary();
    }

    /// <summary>The strategy of a resource; never null.</summary>
    public ResourceStrategy For(GroupResource resource) => _strategies.GetValueOrDefault(resource, _default);

    private static void AddCore(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new("", "componentstatuses")] = new TableStrategy(CoreTables.ComponentStatuses) { CountsGenerations = false };
        strategies[new("", "configmaps")] = new ConfigMapStrategy();
        strategies[new("", "endpoints")] = new TableStrategy(CoreTables.Endpoints) { CountsGenerations = false, Validation = EndpointsRules.Validate };
        strategies[new("", "events")] = new EventStrategy();
        strategies[new("events.k8s.io", "events")] = new EventStrategy();
        strategies[new("", "limitranges")] = new TableStrategy(DefaultTable.Instance)
        {
            CountsGenerations = false, Defaults = LimitRangeDefaults.Apply, Validation = LimitRanges.Validate,
        };
        strategies[new("", "namespaces")] = new NamespaceStrategy();
        strategies[new("", "nodes")] = new NodeStrategy();
        strategies[new("", "pods")] = new PodStrategy();
        strategies[new("", "podtemplates")] = new TableStrategy(CoreTables.PodTemplates)
        {
            AnswersDeletionWithObject = true, Defaults = PodTemplates.Default, Validation = PodTemplates.Validate, Advice = PodTemplates.Warnings,
        };
        strategies[new("", "resourcequotas")] = new TableStrategy(CoreTables.ResourceQuotas)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = ResourceQuotas.Validate,
            UpdateValidation = ResourceQuotas.ValidateUpdate, StatusValidation = ResourceQuotas.ValidateStatus,
        };
        strategies[new("", "secrets")] = new SecretStrategy();
        strategies[new("", "serviceaccounts")] = new ServiceAccountStrategy();
        strategies[new("", "services")] = new ServiceStrategy();
        strategies[new("coordination.k8s.io", "leases")] = new LeaseStrategy();
    }

    private static void AddWorkloads(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new("", "replicationcontrollers")] = new ReplicationControllerStrategy();
        strategies[new("apps", "deployments")] = new DeploymentStrategy();
        strategies[new("apps", "replicasets")] = new ReplicaSetStrategy();
        strategies[new("apps", "daemonsets")] = new TableStrategy(AppsTables.DaemonSets)
        {
            Defaults = SetRules.Default, Validation = SetRules.DaemonSet, UpdateValidation = SetRules.DaemonSetUpdate,
        };
        strategies[new("apps", "statefulsets")] = new TableStrategy(AppsTables.StatefulSets)
        {
            Defaults = SetRules.Default, Validation = SetRules.StatefulSet, UpdateValidation = SetRules.StatefulSetUpdate,
        };
        strategies[new("apps", "controllerrevisions")] = new TableStrategy(AppsTables.ControllerRevisions)
        {
            CountsGenerations = false, Validation = ControllerRevisions.Validate, UpdateValidation = ControllerRevisions.ValidateUpdate,
        };
        strategies[new("batch", "jobs")] = new JobStrategy();
        strategies[new("batch", "cronjobs")] = new CronJobStrategy();
        strategies[new("autoscaling", "horizontalpodautoscalers")] = new TableStrategy(AutoscalerTable.Definition)
        {
            CountsGenerations = false, Defaults = HorizontalPodAutoscalers.Default, Validation = HorizontalPodAutoscalers.Validate, StatusValidation = HorizontalPodAutoscalers.ValidateStatus,
        };
        strategies[new("policy", "poddisruptionbudgets")] = new TableStrategy(DisruptionBudgets.Table) { Validation = DisruptionBudgets.Validate };
        strategies[new("scheduling.k8s.io", "priorityclasses")] =
            new TableStrategy(PriorityClasses.Table) { Validation = PriorityClasses.Validate, UpdateValidation = PriorityClasses.ValidateUpdate };
    }

    private static void AddNetworking(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new("discovery.k8s.io", "endpointslices")] =
            new TableStrategy(EndpointSlices.Table) { Validation = EndpointSlices.Validate, UpdateValidation = EndpointSlices.ValidateUpdate };
        strategies[new(NetworkingGroup, "ingresses")] = new TableStrategy(NetworkingTables.Ingresses)
        {
            Validation = NetworkingRules.Ingress, Advice = NetworkingRules.IngressWarnings,
        };
        strategies[new(NetworkingGroup, "ingressclasses")] = new TableStrategy(NetworkingTables.IngressClasses)
        {
            Validation = IngressClasses.Validate, UpdateValidation = IngressClasses.ValidateUpdate,
        };
        strategies[new(NetworkingGroup, "networkpolicies")] =
            new TableStrategy(NetworkingTables.NetworkPolicies) { Defaults = NetworkingRules.DefaultPolicy, Validation = NetworkingRules.Policy };
        strategies[new(NetworkingGroup, "ipaddresses")] = new TableStrategy(NetworkingTables.IpAddresses)
        {
            CountsGenerations = false,
            NameForm = ServiceAddressRules.AddressName,
            Validation = ServiceAddressRules.Address,
            UpdateValidation = ServiceAddressRules.AddressUpdate,
        };
        strategies[new(NetworkingGroup, "servicecidrs")] = new TableStrategy(NetworkingTables.ServiceCidrs)
        {
            Validation = ServiceAddressRules.Range, UpdateValidation = ServiceAddressRules.RangeUpdate,
        };
    }

    private static void AddStorage(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new("", "persistentvolumes")] = new TableStrategy(VolumeTables.Volumes)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = PersistentVolumes.Validate,
            UpdateValidation = PersistentVolumes.ValidateUpdate, Advice = PersistentVolumes.Warnings,
        };
        strategies[new("", "persistentvolumeclaims")] = new TableStrategy(VolumeTables.Claims)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Defaults = ClaimRules.Default, Validation = ClaimRules.Validate,
            UpdateValidation = ClaimRules.ValidateUpdate, Advice = ClaimRules.Warnings,
        };
        strategies[new(StorageGroup, "storageclasses")] = new TableStrategy(StorageTables.Classes)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = StorageClasses.Validate,
            UpdateValidation = StorageClasses.ValidateUpdate, Advice = StorageClasses.Warnings,
        };
        strategies[new(StorageGroup, "csidrivers")] = new TableStrategy(StorageTables.CsiDrivers)
        {
            AnswersDeletionWithObject = true, Validation = CsiDrivers.Validate, UpdateValidation = CsiDrivers.ValidateUpdate,
        };
        strategies[new(StorageGroup, "csinodes")] = new TableStrategy(StorageTables.CsiNodes)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = CsiNodes.Validate, UpdateValidation = CsiNodes.ValidateUpdate,
        };
        strategies[new(StorageGroup, "csistoragecapacities")] = new TableStrategy(StorageTables.Capacities)
        {
            CountsGenerations = false, Validation = StorageCapacities.Validate, UpdateValidation = StorageCapacities.ValidateUpdate,
        };
        strategies[new(StorageGroup, "volumeattachments")] = new TableStrategy(StorageTables.Attachments)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = VolumeAttachments.Validate,
            UpdateValidation = VolumeAttachments.ValidateUpdate, StatusValidation = VolumeAttachments.ValidateStatus,
        };
        strategies[new(StorageGroup, "volumeattributesclasses")] = new TableStrategy(StorageTables.AttributesClasses)
        {
            CountsGenerations = false, AnswersDeletionWithObject = true, Validation = AttributesClasses.Validate,
            UpdateValidation = AttributesClasses.ValidateUpdate,
        };
    }

    private static void AddRoles(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new(RbacGroup, "clusterrolebindings")] = new ClusterRoleBindingStrategy();
        strategies[new(RbacGroup, "clusterroles")] = new ClusterRoleStrategy();
        strategies[new(RbacGroup, "rolebindings")] = new RoleBindingStrategy();
        strategies[new(RbacGroup, "roles")] = new RoleStrategy();
    }

    private static void AddDevices(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new(DeviceGroup, "deviceclasses")] = new TableStrategy(DeviceTables.Classes);
        strategies[new(DeviceGroup, "resourceclaims")] = new TableStrategy(DeviceTables.Claims);
        strategies[new(DeviceGroup, "resourceclaimtemplates")] = new TableStrategy(DeviceTables.ClaimTemplates);
        strategies[new(DeviceGroup, "resourceslices")] = new TableStrategy(DeviceTables.Slices);
    }

    private static void AddExtensions(Dictionary<GroupResource, ResourceStrategy> strategies)
    {
        strategies[new(AdmissionGroup, "validatingwebhookconfigurations")] = new TableStrategy(AdmissionTables.ValidatingWebhooks) { Validation = WebhookRules.Validating };
        strategies[new(AdmissionGroup, "mutatingwebhookconfigurations")] = new TableStrategy(AdmissionTables.MutatingWebhooks) { Validation = WebhookRules.Mutating };
        strategies[new(AdmissionGroup, "validatingadmissionpolicies")] = new TableStrategy(AdmissionTables.ValidatingPolicies) { Validation = ValidatingPolicyRules.Policy };
        strategies[new(AdmissionGroup, "validatingadmissionpolicybindings")] = new TableStrategy(AdmissionTables.ValidatingBindings) { Validation = ValidatingPolicyRules.Binding };
        strategies[new(AdmissionGroup, "mutatingadmissionpolicies")] = new TableStrategy(AdmissionTables.MutatingPolicies) { Validation = MutatingPolicyRules.Policy };
        strategies[new(AdmissionGroup, "mutatingadmissionpolicybindings")] = new TableStrategy(AdmissionTables.MutatingBindings) { Validation = MutatingPolicyRules.Binding };
        strategies[DefinitionTypes.Resource] = new DefinitionStrategy();
        strategies[new("apiregistration.k8s.io", "apiservices")] = new ApiServiceStrategy();
        strategies[new("certificates.k8s.io", "certificatesigningrequests")] = new SigningRequestStrategy();
        strategies[new(FlowGroup, "flowschemas")] = new TableStrategy(ExtensionTables.FlowSchemas) { NameForm = NameRules.PathSegment };
        strategies[new(FlowGroup, "prioritylevelconfigurations")] = new TableStrategy(ExtensionTables.PriorityLevels) { NameForm = NameRules.PathSegment };
        strategies[new("node.k8s.io", "runtimeclasses")] = new TableStrategy(ExtensionTables.RuntimeClasses)
        {
            CountsGenerations = false,
            Validation = RuntimeClasses.Validate,
            UpdateValidation = RuntimeClasses.ValidateUpdate,
        };
    }
}
