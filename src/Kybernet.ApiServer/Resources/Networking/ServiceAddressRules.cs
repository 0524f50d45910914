using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Networking;

/// <summary>What holds for ServiceCIDRs and IPAddresses.</summary>
internal static class ServiceAddressRules
{
    private static readonly FieldPath Cidrs = FieldPath.Of("spec").Child("cidrs");
    private static readonly FieldPath ParentRef = FieldPath.Of("spec").Child("parentRef");

    /// <summary>An IPAddress is named by its address, in the one form that it has.</summary>
    public static IReadOnlyList<string> AddressName(string name) =>
        FieldRules.ParseIp(name)?.ToString() == name ? [] : ["must be a canonical format IP address"];

    public static void Address(EncodedObject item, FieldErrors errors)
    {
        var parent = item.As<IPAddress>().Spec.ParentRef;
        if (parent.Resource.Length == 0)
        {
            errors.Required(ParentRef.Child("resource"));
        }
        if (parent.Name.Length == 0)
        {
            errors.Required(ParentRef.Child("name"));
        }
    }

    public static void AddressUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (now, before) = (item.As<IPAddress>().Spec.ParentRef, previous.As<IPAddress>().Spec.ParentRef);
        if ((now.Group, now.Resource, now.Namespace, now.Name) != (before.Group, before.Resource, before.Namespace, before.Name))
        {
            errors.Invalid(ParentRef, now.Name, FieldRules.Immutable);
        }
    }

    public static void Range(EncodedObject item, FieldErrors errors)
    {
        var cidrs = item.As<ServiceCIDR>().Spec.Cidrs;
        if (cidrs.Count == 0)
        {
            errors.Required(Cidrs, "at least one CIDR required");
            return;
        }
        if (cidrs.Count > 2)
        {
            errors.InvalidList(Cidrs, cidrs, "may only hold up to 2 values");
            return;
        }
        for (var i = 0; i < cidrs.Count; i++)
        {
            errors.Cidr(cidrs[i], Cidrs.Index(i));
        }
        if (cidrs.Count == 2 && cidrs[0].Contains(':') == cidrs[1].Contains(':'))
        {
            errors.InvalidList(Cidrs, cidrs, "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    /// <summary>A range may only get a second family: what was given out of it has to stay in it.</summary>
    public static void RangeUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (now, before) = (item.As<ServiceCIDR>().Spec.Cidrs, previous.As<ServiceCIDR>().Spec.Cidrs);
        if (!now.Take(before.Count).SequenceEqual(before) || (now.Count != before.Count && before.Count != 1))
        {
            errors.InvalidList(Cidrs, now, FieldRules.Immutable);
        }
    }
}
