using FsCheck;
using FsCheck.Fluent;

namespace Kybernet.Api.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0n", "0")]
    [InlineData("-0", "0")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1.00000001", "1000000010n")]
    [InlineData("0.5", "500m")]
    [InlineData("0.005", "5m")]
    [InlineData("100m", "100m")]
    [InlineData("1000m", "1")]
    [InlineData("1000", "1k")]
    [InlineData("1234", "1234")]
    [InlineData("1500k", "1500k")]
    [InlineData("1100M", "1100M")]
    [InlineData("3000E", "3000E")]
    [InlineData("1024Ki", "1Mi")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1.5Ki", "1536")]
    [InlineData("0.5Ki", "512")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("0.1Mi", "104857600m")]
    [InlineData("12.345Ki", "12641280m")]
    [InlineData("1e3", "1e3")]
    [InlineData("1E3", "1e3")]
    [InlineData("12e4", "120e3")]
    [InlineData("1e-3", "1e-3")]
    [InlineData("0.1e3", "100")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775807")]
    [InlineData("8Ei", "9223372036854775807")]
    [InlineData("-8Ei", "-9223372036854775807")]
    [InlineData("+1.5", "1500m")]
    [InlineData("1.", "1")]
    [InlineData(".5", "500m")]
    [InlineData("0001Gi", "1Gi")]
    [InlineData("131072Ki", "128Mi")]
    public void A_quantity_is_written_in_its_canonical_form(string text, string canonical) =>
        Assert.Equal(canonical, Quantity.Parse(text).ToString());

    [Theory]
    [InlineData("", QuantityText.FormatWrong)]
    [InlineData("aoeu", QuantityText.FormatWrong)]
    [InlineData("1.1.M", QuantityText.FormatWrong)]
    [InlineData("1+1.0M", QuantityText.FormatWrong)]
    [InlineData("0.1am", QuantityText.FormatWrong)]
    [InlineData(" 1", QuantityText.FormatWrong)]
    [InlineData("1 ", QuantityText.FormatWrong)]
    [InlineData("--1", QuantityText.FormatWrong)]
    [InlineData("0.1mi", QuantityText.SuffixWrong)]
    [InlineData(".5i", QuantityText.SuffixWrong)]
    [InlineData("-3.01i", QuantityText.SuffixWrong)]
    [InlineData("-3.01e-", QuantityText.SuffixWrong)]
    [InlineData("1K", QuantityText.SuffixWrong)]
    public void A_text_that_is_no_quantity_is_refused_in_upstreams_words(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Quantity.Parse(text)).Message);

    [Theory]
    [InlineData("1", "1000m", 0)]
    [InlineData("1Ki", "1024", 0)]
    [InlineData("1", "2", -1)]
    [InlineData("-1", "1n", -1)]
    [InlineData("1Gi", "1G", 1)]
    [InlineData("1e30", "1n", 1)]
    public void Quantities_are_compared_by_value(string left, string right, int order)
    {
        var (a, b) = (Quantity.Parse(left), Quantity.Parse(right));
        Assert.Equal(order, Math.Sign(a.CompareTo(b)));
        Assert.Equal(order == 0, a == b);
        if (order == 0)
        {
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
        }
    }

    [Theory]
    [InlineData("100m", "200m", "300m")]
    [InlineData("0", "1Gi", "1Gi")]
    [InlineData("1Gi", "1G", "2073741824")]
    [InlineData("9223372036854775807", "9223372036854775807", "18446744073709551614")]
    [InlineData("1", "-1", "0")]
    [InlineData("1n", "1e20", "100000000000000000000000000001n")]
    public void A_sum_is_exact_and_is_spelt_like_its_left(string left, string right, string sum) =>
        Assert.Equal(sum, (Quantity.Parse(left) + Quantity.Parse(right)).ToString());

    [Theory]
    [InlineData("100m", 1, 100)]
    [InlineData("-100m", -1, -100)]
    [InlineData("1500m", 2, 1500)]
    [InlineData("1n", 1, 1)]
    [InlineData("64Mi", 67108864, 67108864000)]
    [InlineData("1e30", long.MaxValue, long.MaxValue)]
    public void Whole_numbers_and_thousandths_are_rounded_away_from_zero(string text, long whole, long milli)
    {
        var quantity = Quantity.Parse(text);
        Assert.Equal(whole, quantity.ToInt64());
        Assert.Equal(milli, quantity.MilliValue);
    }

    [Fact]
    public void The_canonical_form_parses_back_to_the_same_quantity()
    {
        var quantities =
            from value in ArbMap.Default.GeneratorFor<long>()
            from exponent in Gen.Choose(-9, 6)
            from format in Gen.Elements(QuantityFormat.DecimalSI, QuantityFormat.BinarySI, QuantityFormat.DecimalExponent)
            select new Quantity(value % 1_000_000_000_000, exponent, format);
        Prop.ForAll(quantities.ToArbitrary(), quantity =>
        {
            var text = quantity.ToString();
            var back = Quantity.Parse(text);
            // Below 1024, and where no power of 1024 divides it, a binary quantity looks like a decimal one.
            return back == quantity && (quantity.Format != QuantityFormat.DecimalSI || back.ToString() == text);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Addition_can_be_undone_and_does_not_care_for_order()
    {
        var quantities =
            from value in ArbMap.Default.GeneratorFor<long>()
            from exponent in Gen.Choose(-9, 20)
            select new Quantity(value, exponent, QuantityFormat.DecimalSI);
        Prop.ForAll(quantities.ToArbitrary(), quantities.ToArbitrary(), (a, b) =>
            a + b == b + a && a + b - b == a && (a + b).CompareTo(a) == b.Sign).QuickCheckThrowOnFailure();
    }
}
