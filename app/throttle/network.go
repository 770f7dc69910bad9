package throttle

import "net/netip"

// Networks returns the keys for what one client may control, the narrowest first: an address of IPv4; of IPv6 the first
// 64 bits, in which a client chooses the rest, and the 56 and 48 that providers assign to a household and to a site.
// Each wider one should be allowed twice as much as the one before, because neighbours share it. Text that is no
// address is returned as it is.
//
// Threat: one line of IPv6 has 256 or 65,536 networks of 64 bits, and spreads its attempts over them.
func Networks(address string) []string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return []string{address}
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return []string{ip.String()}
	}
	var all []string
	for _, bits := range []int{64, 56, 48} {
		all = append(all, netip.PrefixFrom(ip, bits).Masked().String())
	}
	return all
}
