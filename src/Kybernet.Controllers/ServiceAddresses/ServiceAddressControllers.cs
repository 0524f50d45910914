using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Networking.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.ServiceAddresses;

/// <summary>Wakes the reconcilers of ServiceCIDRs and IPAddresses.</summary>
internal static class ServiceAddressControllers
{
    public static void Add(ControllerContext context)
    {
        var services = context.Informers.Informer<Service>();
        var ranges = context.Informers.Informer<ServiceCIDR>();
        var addresses = context.Informers.Informer<IPAddress>();
        AddRanges(context, ranges, addresses);
        AddAddresses(context, services, ranges, addresses);
    }

    private static void AddRanges(ControllerContext context, IInformer<ServiceCIDR> ranges, IInformer<IPAddress> addresses)
    {
        var queue = context.Queue("service-cidrs");
        ranges.AddHandler(new InformerHandler<ServiceCIDR>(_ => WakeAll(), (_, current) => queue.Add(current.Metadata.Key()), _ => WakeAll()));
        // Who is deleted waits for addresses to go; the others do not care.
        addresses.AddHandler(new InformerHandler<IPAddress>(onDeleted: _ =>
        {
            foreach (var range in ranges.List())
            {
                if (range.Metadata.DeletionTimestamp is not null)
                {
                    queue.Add(range.Metadata.Key());
                }
            }
        }));
        var reconciler = new ServiceCidrReconciler(context.ClientFor("service-cidrs-controller"), ranges, addresses, context.Time);
        context.Run("service-cidrs", reconciler, queue, 1);

        void WakeAll()
        {
            foreach (var range in ranges.List())
            {
                queue.Add(range.Metadata.Key());
            }
        }
    }

    private static void AddAddresses(ControllerContext context, IInformer<Service> services, IInformer<ServiceCIDR> ranges, IInformer<IPAddress> addresses)
    {
        var queue = context.Queue("service-addresses");
        IPAddressReconciler.AddIndex(services);
        services.AddHandler(new InformerHandler<Service>(
            Wake,
            (previous, current) =>
            {
                Wake(previous);
                Wake(current);
            },
            Wake));
        queue.WakeOn(addresses);
        var client = context.ClientFor("service-addresses-controller");
        var reconciler = new IPAddressReconciler(client, services, addresses, ranges, context.Events(client, "ipallocator-repair-controller"), context.Time);
        context.Run("service-addresses", reconciler, queue, 1);

        void Wake(Service service)
        {
            foreach (var address in IPAddressReconciler.Of(service))
            {
                queue.Add(new NamespacedName("", address));
            }
        }
    }
}
